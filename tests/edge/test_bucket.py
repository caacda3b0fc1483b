"""What is the bucket's alone: a resume long after its URL, S3 that fails, and what must not get out of it."""

import asyncio
import hashlib
import random
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from botocore.session import get_session

from newsreel_local.paths import CHECKOUT
from newsreel_runtime.clock import now
from newsreel_runtime.ids import new_id
from newsreel_testing.delivery_service import Delivery, FilledBucket
from newsreel_testing.edges import edge_of, serving
from newsreel_testing.portal import Portal
from newsreel_testing.portal_services import Services
from newsreel_testing.s3_server import S3Server

FILM = random.Random(5).randbytes(56_000_000)
EDGES = pytest.mark.parametrize("kind", ["caddy", "nginx"])


@pytest.fixture
def short_lived(s3: S3Server, services: Services) -> Iterator[Delivery]:
    """Delivery before a bucket of which its URLs live for a second."""
    services.delivery.bucket = FilledBucket.of(s3, f"edge-{new_id()}", seconds=1)
    yield services.delivery
    services.delivery.bucket = None


async def ticket_of(portal: Portal, delivery: Delivery, content: bytes) -> tuple[str, dict[str, str]]:
    """The ticket of a published film, and the headers of the browser that has it."""
    video, rendition = await delivery.publish_file(content, "film.mp4")
    await portal.sign_in()
    token = await portal.access_token()
    async with delivery.client() as program:
        program.headers["Authorization"] = f"Bearer {token}"
        wanted = {"video_id": str(video.video_id), "rendition_id": str(rendition.rendition_id)}
        ticket = urlsplit((await program.post("/v1/grants", json=wanted)).json()["ticket"]).path
    cookies = "; ".join(f"{name}={value}" for name, value in portal.cookies().items())
    return ticket, {"Accept": "text/html", "Host": "portal.test", "Cookie": cookies}


async def until_dead(url: str) -> None:
    """Until S3 takes the URL no more."""
    async with httpx.AsyncClient() as client, asyncio.timeout(30):
        while (await client.get(url, headers={"Range": "bytes=0-0"})).status_code != 403:  # noqa: ASYNC110 (S3 tells nobody)
            await asyncio.sleep(0.1)


@EDGES
async def test_a_download_that_breaks_off_goes_on_when_its_url_at_s3_is_dead(
    kind: str, portal: Portal, short_lived: Delivery, tmp_path: Path
) -> None:
    ticket, browser = await ticket_of(portal, short_lived, FILM)
    bucket = short_lived.bucket
    assert bucket is not None
    async with (
        serving(portal.app) as pages,
        serving(short_lived.app) as files,
        edge_of(kind, tmp_path, tmp_path, pages, files, bucket=bucket.server.endpoint) as edge,
        httpx.AsyncClient(base_url=edge.origin, headers=browser, timeout=60) as client,
    ):
        got = bytearray()
        async with client.stream("GET", ticket) as begun:
            async for chunk in begun.aiter_raw():
                got += chunk
                if len(got) > 20_000_000:
                    break
        etag = begun.headers["etag"]
        key = f"sha256/{hashlib.sha256(FILM).hexdigest()}"
        await until_dead(bucket.source.signer.presigned(key, now()))
        rest = await client.get(ticket, headers={"Range": f"bytes={len(got)}-", "If-Range": etag})
        stale = await client.head(ticket, headers={"Range": "bytes=5-", "If-Range": '"other"'})
    assert (begun.status_code, rest.status_code, rest.headers["etag"]) == (200, 206, etag)
    assert hashlib.sha256(got + rest.content).digest() == hashlib.sha256(FILM).digest()
    assert (stale.status_code, stale.headers["content-length"]) == (200, str(len(FILM)))


@EDGES
@pytest.mark.parametrize("fault", ["nobody listens", "no TLS", "breaks off", "another region", "an error"])
async def test_s3_that_fails_is_a_clean_refusal_and_no_log_has_the_signature(
    kind: str, fault: str, portal: Portal, short_lived: Delivery, tmp_path: Path
) -> None:
    ticket, browser = await ticket_of(portal, short_lived, b"film")

    async def fail(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        told = {
            "another region": b"HTTP/1.1 301 -\r\nLocation: http://elsewhere\r\nContent-Length: 0\r\n\r\n",
            "an error": b"HTTP/1.1 500 -\r\nX-Amz-Request-Id: 1\r\nContent-Length: 6\r\n\r\nsecret",
        }
        writer.write(told.get(fault, b""))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(fail, "127.0.0.1", 0) as server:
        port = 9 if fault == "nobody listens" else server.sockets[0].getsockname()[1]
        scheme = "https" if fault == "no TLS" else "http"
        async with (
            serving(portal.app) as pages,
            serving(short_lived.app) as files,
            edge_of(kind, tmp_path, tmp_path, pages, files, bucket=f"{scheme}://127.0.0.1:{port}") as edge,
            httpx.AsyncClient(base_url=edge.origin, headers=browser) as client,
        ):
            for method in ("GET", "HEAD"):
                answer = await client.request(method, ticket)
                assert answer.status_code == 503
                assert answer.headers["retry-after"] == "30"
                assert not {"etag", "content-disposition", "repr-digest", "location"} & answer.headers.keys()
                assert not [name for name in answer.headers if "amz" in name]
            refused = await client.get(ticket)
    assert refused.json()["type"] == "urn:newsreel:problem:bytes-missing"
    logs = await asyncio.to_thread(lambda: [file.read_text() for file in tmp_path.glob("*.log")])
    assert len(logs) == 2
    assert not [text for text in logs if "X-Amz-Signature" in text]


def test_the_edges_let_no_header_of_s3_through() -> None:
    """nginx has to be told each by its name: all that S3's own description has."""
    s3 = get_session().get_service_model("s3")
    known = {
        member.serialization["name"].lower()
        for operation in ("GetObject", "HeadObject")
        for member in s3.operation_model(operation).output_shape.members.values()
        if member.serialization.get("location") == "header"
    }
    text = (CHECKOUT / "deploy/edge/bucket.conf.template").read_text()
    hidden = {name.lower() for name in re.findall(r"proxy_hide_header (\S+);", text)}
    assert known - hidden == {"content-length", "content-range"}
