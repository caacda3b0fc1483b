"""Serving a small page on loopback until the process is asked to end."""

import uvicorn
from starlette.types import ASGIApp


async def serve(app: ASGIApp, port: int) -> None:
    """Answer on 127.0.0.1:`port`; returns after SIGTERM or SIGINT. Exits when the port is taken."""
    configuration = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=port,
        lifespan="off",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=2,
    )
    await uvicorn.Server(configuration).serve()
