"""What the edges write down: which file was taken, and of no request its query or bearer, failed ones too."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from newsreel_testing.edges import edge_of

SECRET = "k1.AaIcX9JQdwCfO3Fkkfn1"  # of a newsletter's link, a signature, or a bearer

TICKETS = {"caddy": ["/t/", "/%74/", "/T/"], "nginx": ["/t/"] * 3}


@asynccontextmanager
async def breaking_off(*begun: bytes) -> AsyncIterator[int]:
    """The port of a service that begins an answer, or none, and then hangs up."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.writelines(begun)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


@pytest.mark.parametrize("kind", ["caddy", "nginx"])
async def test_c12_no_log_has_the_query_of_a_request_also_when_a_service_breaks_off(
    kind: str, tmp_path: Path
) -> None:
    half = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\nhalf"
    async with (
        breaking_off() as portal,
        breaking_off(half) as delivery,
        edge_of(kind, tmp_path, tmp_path, portal, delivery) as edge,
        httpx.AsyncClient(base_url=edge.origin) as client,
    ):
        for path, expected in (
            ("/newsletter/unsubscribe", 502),
            ("/r/a/b.mp4", None),
            (f"/t/{SECRET}/b.mp4", None),
            (f"/%74/{SECRET}/b.mp4", None),
            (f"/T/{SECRET}/b.mp4", None if kind == "caddy" else 502),
        ):
            try:
                answer = await client.get(path, params={"token": SECRET, "s": SECRET})
                assert answer.status_code == expected
            except httpx.RemoteProtocolError:
                assert expected is None
        access = edge.log
    written = await asyncio.to_thread(
        lambda: {file.name: file.read_text() for file in tmp_path.glob("*.log")}
    )
    assert sorted(name for name, text in written.items() if SECRET in text) == []
    assert len(written) == 2
    lines = [json.loads(line) for line in written[access.name].splitlines()]
    paths = [line.get("path") or line["request"]["uri"] for line in lines]
    assert [path for path in paths if path != "/health/ready"] == [
        "/newsletter/unsubscribe",
        "/r/a/b.mp4",
        *TICKETS[kind],
    ]
