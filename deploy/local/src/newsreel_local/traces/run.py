"""The trace process."""

from pathlib import Path

from newsreel_local.page_server import serve
from newsreel_local.traces.pages import create_app
from newsreel_local.traces.store import SpanStore


async def run(folder: Path, port: int) -> None:
    """Receive spans and show them on `port`, on loopback, until SIGTERM."""
    await serve(create_app(SpanStore(folder)), port)
