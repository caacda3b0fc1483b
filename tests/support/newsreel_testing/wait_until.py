"""Waiting for a condition instead of sleeping."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def until(
    look: Callable[[], Awaitable[T | None]], what: str, deadline: float = 15.0, pause: float = 0.02
) -> T:
    """The first truthy answer of `look`. Raises `AssertionError` after `deadline` seconds."""
    loop = asyncio.get_running_loop()
    end = loop.time() + deadline
    while True:
        found = await look()
        if found:
            return found
        if loop.time() > end:
            raise AssertionError(f"waited {deadline} s for {what}")
        await asyncio.sleep(pause)


def free_port() -> int:
    """A port of the loopback interface that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
