"""Waiting until a process answers that it is ready: one short HTTP request at a time, no client library."""

import asyncio

_POLL = 0.1


async def is_ready(port: int) -> bool:
    """Whether GET /health/ready on 127.0.0.1:`port` answers 200 within two seconds."""
    try:
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(b"GET /health/ready HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                status = await reader.readline()
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False
    return b" 200 " in status


async def until_ready(port: int) -> None:
    """Return when it is ready; how long to wait is the caller's to bound."""
    while not await is_ready(port):  # noqa: ASYNC110 (another process cannot set an event of ours)
        await asyncio.sleep(_POLL)
