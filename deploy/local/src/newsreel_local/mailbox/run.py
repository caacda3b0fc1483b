"""The mailbox process."""

import asyncio
from pathlib import Path

from newsreel_local.mailbox.letters import Letters
from newsreel_local.mailbox.pages import create_app
from newsreel_local.mailbox.smtp import protocol
from newsreel_local.serving import serve


async def run(folder: Path, smtp_port: int, http_port: int) -> None:
    """Take mail on `smtp_port` and show it on `http_port`, both on loopback, until SIGTERM."""
    letters = Letters(folder)
    server = await asyncio.get_running_loop().create_server(
        lambda: protocol(letters), "127.0.0.1", smtp_port, backlog=1024
    )
    async with server:
        await serve(create_app(letters), http_port)
