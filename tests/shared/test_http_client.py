"""The client between services: a connection that is refused for a moment is tried again."""

import asyncio
import socket

import httpx
import pytest

from newsreel_runtime.http.client import http_client

ANSWER = b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(ANSWER)
    await writer.drain()


async def test_a_service_that_is_not_there_for_a_moment_is_reached() -> None:
    """A replica was killed, and the load balancer does not know yet; nothing was sent, nothing doubles."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    servers: list[asyncio.Task[asyncio.Server]] = []

    def begin() -> None:
        servers.append(asyncio.create_task(asyncio.start_server(_answer, "127.0.0.1", port)))

    asyncio.get_running_loop().call_later(0.3, begin)
    async with http_client(f"http://127.0.0.1:{port}") as client:
        answer = await client.post("/")
    assert answer.status_code == httpx.codes.NO_CONTENT
    (await servers[0]).close()


async def test_a_service_that_stays_away_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    async with http_client(f"http://127.0.0.1:{port}") as client:
        with pytest.raises(httpx.ConnectError):
            await client.get("/")
