"""The mailbox process."""

import asyncio
from pathlib import Path

from newsreel_local.mailbox.mail_store import MailStore
from newsreel_local.mailbox.pages import create_app
from newsreel_local.mailbox.smtp import protocol
from newsreel_local.page_server import serve


async def run(folder: Path, smtp_port: int, http_port: int) -> None:
    """Take mail on `smtp_port` and show it on `http_port`, both on loopback, until SIGTERM."""
    mails = MailStore(folder)
    server = await asyncio.get_running_loop().create_server(
        lambda: protocol(mails), "127.0.0.1", smtp_port, backlog=1024
    )
    async with server:
        await serve(create_app(mails), http_port)
