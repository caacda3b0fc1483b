"""One contract for every edge: what a client gets of a file, by a signed URL or a ticket, and what not."""

import asyncio
import base64
import hashlib
import json
import random
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import httpx
import pytest

from newsreel_events.catalog import RenditionV1
from newsreel_testing.delivery_service import Delivery
from newsreel_testing.edges import Edge
from newsreel_testing.page_checks import Html
from newsreel_testing.portal import Portal

CONTENT = random.Random(1).randbytes(700_001)
NAME = "Конференція №4, Bruxelles + 100%.mp4"
HEADERS = {"connection", "content-disposition", "date", "referrer-policy", "server", "vary"}
PAGE_HEADERS = {"Accept": "text/html", "Host": "portal.test"}


@dataclass(frozen=True)
class Granted:
    """A published file, and the addresses at which one account may have it."""

    rendition: RenditionV1
    url: str  # signed
    ticket: str
    bearer: str  # the bearer ticket's path
    cookies: dict[str, str]

    @property
    def etag(self) -> str:
        return f'"{self.rendition.sha256}"'


@pytest.fixture
async def granted(portal: Portal, delivery: Delivery) -> Granted:
    """For somebody who is signed in at the portal."""
    video, rendition = await delivery.publish_file(CONTENT, NAME)
    await portal.sign_in()
    token = await portal.access_token()
    async with delivery.client() as program:
        program.headers["Authorization"] = f"Bearer {token}"
        wanted = {"video_id": str(video.video_id), "rendition_id": str(rendition.rendition_id)}
        ticket = urlsplit((await program.post("/v1/grants", json=wanted)).json()["ticket"]).path
        signed = urlsplit((await program.get(ticket)).headers["location"])
        made = await program.post(f"/v1/grants/{ticket.rpartition('/')[2]}/tickets")
    bearer = urlsplit(made.json()["url"]).path
    return Granted(rendition, f"{signed.path}?{signed.query}", ticket, bearer, portal.cookies())


@pytest.fixture(params=["signed URL", "ticket", "bearer ticket"])
def way(request: pytest.FixtureRequest, granted: Granted, client: httpx.AsyncClient) -> str:
    """The address to ask; with a ticket, the client is the browser that is signed in."""
    if request.param == "signed URL":
        return granted.url
    if request.param == "bearer ticket":
        return granted.bearer
    client.headers.update(PAGE_HEADERS)
    client.cookies.update(granted.cookies)
    client.headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in granted.cookies.items())
    return granted.ticket


async def test_a_whole_file_with_all_that_a_downloader_needs(
    client: httpx.AsyncClient, granted: Granted, way: str
) -> None:
    answer = await client.get(way)
    looked = await client.head(way)
    assert (answer.status_code, answer.content == CONTENT) == (200, True)
    digest = base64.b64encode(hashlib.sha256(CONTENT).digest()).decode()
    wanted = {
        "etag": granted.etag,
        "repr-digest": f"sha-256=:{digest}:",
        "accept-ranges": "bytes",
        "content-type": "video/mp4",
        "content-length": str(len(CONTENT)),
        "cache-control": "private, no-store",
        "x-content-type-options": "nosniff",
        "content-security-policy": "sandbox",
    }
    for given in (answer, looked):
        assert {name: given.headers.get(name) for name in wanted} == wanted
        assert given.headers["content-disposition"].startswith('attachment; filename="')
        assert "filename*=UTF-8''%D0%9A%D0%BE" in given.headers["content-disposition"]
        assert "last-modified" not in given.headers
        assert given.headers.keys() - wanted.keys() <= HEADERS
    assert (looked.status_code, looked.content) == (200, b"")


@pytest.mark.parametrize(
    ("asked", "status", "expected"),
    [
        ("bytes=0-9", 206, CONTENT[:10]),
        ("bytes=700000-", 206, CONTENT[700000:]),
        ("bytes=-1000", 206, CONTENT[-1000:]),
        ("bytes=5-9999999", 206, CONTENT[5:]),
        ("bytes=700001-", 416, None),
    ],
)
async def test_ranges(
    client: httpx.AsyncClient, way: str, asked: str, status: int, expected: bytes | None
) -> None:
    answer = await client.get(way, headers={"Range": asked})
    assert answer.status_code == status
    if expected is None:
        assert answer.headers["content-range"] == f"bytes */{len(CONTENT)}"
    else:
        assert answer.content == expected


async def test_conditions(client: httpx.AsyncClient, granted: Granted, way: str) -> None:
    """RFC 9110 §13: strong comparison for If-Match and If-Range, weak for If-None-Match."""
    etag, part = granted.etag, {"Range": "bytes=0-9"}
    asked = [
        ({"If-None-Match": etag}, 304),
        ({"If-None-Match": f"W/{etag}"}, 304),
        ({"If-None-Match": '"other"'}, 200),
        ({"If-Match": etag}, 200),
        ({"If-Match": f"W/{etag}"}, 412),
        ({"If-Match": '"other"'}, 412),
        (part | {"If-Range": etag}, 206),
        (part | {"If-Range": f"W/{etag}"}, 200),
        (part | {"If-Range": '"other"'}, 200),
    ]
    answers = [(await client.get(way, headers=headers)).status_code for headers, _ in asked]
    assert answers == [status for _, status in asked]


async def test_nothing_but_get_and_head(client: httpx.AsyncClient, way: str) -> None:
    for method in ("POST", "PUT", "DELETE"):
        answer = await client.request(method, way)
        assert answer.status_code in {403, 405}
        assert CONTENT[:100] not in answer.content


async def test_no_way_to_a_file_without_a_yes(
    client: httpx.AsyncClient, granted: Granted, delivery: Delivery
) -> None:
    secret = delivery.media_root.parent / "secret"
    secret.write_text("not for you")
    file = f"{granted.rendition.rendition_id}/{NAME}"
    inside = quote(f"/media/{file}")
    for path in (
        inside,
        "/media/",
        "/media/../secret",
        "/media/%2e%2e/secret",
        "//media/" + quote(file),
        "/r/../media/" + quote(file),
        "/r/%2e%2e/media/" + quote(file),
        "/posters/../media/" + quote(file),
        "/posters/..%2fmedia/" + quote(file),
        f"/bucket/edge/sha256/{granted.rendition.sha256}",
        f"/r/../bucket/edge/sha256/{granted.rendition.sha256}",
        "/bucket/",
        granted.url.partition("?")[0],
        granted.bearer.replace("/t/", "/t/../media/", 1),
        f"/t/{granted.bearer.split('/')[2]}/../../media/" + quote(file),
        f"/t/{granted.bearer.split('/')[2]}",
        f"/t/{granted.bearer.split('/')[2][:-1]}/{quote(NAME)}",
    ):
        answer = await client.get(path, headers={"X-Accel-Redirect": inside, "X-Accel-Mapping": "/=/media/"})
        assert answer.status_code >= 400, path
        assert CONTENT[:100] not in answer.content
        assert b"not for you" not in answer.content


async def test_a_file_that_is_missing_is_a_clean_refusal(
    client: httpx.AsyncClient, granted: Granted, delivery: Delivery
) -> None:
    delivery.lose(granted.rendition)
    answer = await client.get(granted.url)
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:newsreel:problem:bytes-missing")
    assert not {"etag", "content-disposition", "repr-digest"} & answer.headers.keys()


async def test_a_download_goes_on_at_its_ticket_after_the_signed_url_has_died(
    client: httpx.AsyncClient, granted: Granted, delivery: Delivery
) -> None:
    """Trial B1: the address that the browser keeps goes on giving bytes while the grant lives."""
    half = len(CONTENT) // 2
    browser = PAGE_HEADERS | {
        "Cookie": "; ".join(f"{name}={value}" for name, value in granted.cookies.items())
    }
    begun = await client.get(granted.ticket, headers=browser | {"Range": f"bytes=0-{half - 1}"})
    at = delivery.clock.at
    delivery.clock.pass_by(7200)
    try:
        assert (await client.get(granted.url)).status_code == 410
        rest = {"Range": f"bytes={half}-", "If-Range": begun.headers["etag"]}
        ended = await client.get(granted.ticket, headers=browser | rest)
    finally:
        delivery.clock.at = at
    assert (begun.status_code, ended.status_code) == (206, 206)
    assert begun.content + ended.content == CONTENT


async def test_a_revoked_grant_gives_nothing_more_at_any_address(
    client: httpx.AsyncClient, granted: Granted, portal: Portal, delivery: Delivery, way: str
) -> None:
    """The edge asks at each request: the next one is refused, also the rest of a download that broke off."""
    begun = await client.get(way, headers={"Range": "bytes=0-9"})
    token = await portal.access_token()
    async with delivery.client() as program:
        program.headers["Authorization"] = f"Bearer {token}"
        revoked = await program.delete(f"/v1/downloads/{granted.ticket.rpartition('/')[2]}")
    assert (begun.status_code, revoked.status_code) == (206, 204)
    rest = {"Range": "bytes=10-", "If-Range": granted.etag, "Accept": "*/*"}
    for method in ("GET", "HEAD"):
        ended = await client.request(method, way, headers=rest)
        assert ended.status_code == 410
        assert not {"etag", "content-range", "content-disposition"} & ended.headers.keys()
    assert (await client.get(way, headers=rest)).json()["type"] == "urn:newsreel:problem:grant-revoked"


async def test_posters_are_public_and_cached(client: httpx.AsyncClient, delivery: Delivery) -> None:
    video = await delivery.publish_poster(b"a poster")
    answer = await client.get(f"/posters/{video.video_id}.jpg")
    assert (answer.status_code, answer.content) == (200, b"a poster")
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "public, max-age=300"
    again = await client.get(
        f"/posters/{video.video_id}.jpg", headers={"If-None-Match": answer.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


async def test_the_log_says_what_was_taken_and_holds_no_signature_or_bearer(
    client: httpx.AsyncClient, granted: Granted, edge: Edge
) -> None:
    await client.get(granted.url)
    await client.get(granted.bearer, headers={"If-Match": granted.etag})
    text = edge.log.read_text()
    for file in edge.log.parent.glob("*.log"):
        assert granted.url.rpartition("s=")[2] not in file.read_text()
        assert granted.bearer.split("/")[2] not in file.read_text()
        assert "X-Amz" not in file.read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    taken = [line for line in lines if line.get("grant")]
    assert [line["grant"] for line in taken] == [granted.ticket.rpartition("/")[2]] * 2
    assert {taken[0].get("bytes"), taken[0].get("size")} >= {len(CONTENT)}
    assert taken[0]["request_id"]


async def test_pages_come_through(client: httpx.AsyncClient) -> None:
    answer = await client.get("/", headers=PAGE_HEADERS)
    assert (answer.status_code, "Newsreel" in answer.text) == (200, True)


@pytest.mark.parametrize(
    "sent",
    [
        {"Range": "lines=1-2"},
        {"Range": "bytes=0-1,4-5"},
        {"Range": "bytes=" + ",".join(["0-"] * 1000)},
        {"Range": "bytes=0-9", "If-Range": "Thu, 26 Nov 2099 12:00:00 GMT"},
        {"If-Modified-Since": "Thu, 26 Nov 2099 12:00:00 GMT"},
    ],
    ids=["another unit", "two ranges", "a thousand ranges", "a date", "a date alone"],
)
async def test_what_does_not_count_is_answered_with_the_whole(
    client: httpx.AsyncClient, granted: Granted, sent: dict[str, str]
) -> None:
    answer = await client.get(granted.url, headers=sent)
    assert (answer.status_code, answer.content == CONTENT) == (200, True)


async def test_a_condition_that_holds_changes_nothing_else(
    client: httpx.AsyncClient, granted: Granted, way: str
) -> None:
    """nginx judges If-Match before it knows the tag of the file."""
    holds = {"If-Match": granted.etag, "Range": "bytes=0-9"}
    for more in ({}, {"If-Range": granted.etag}):
        part = await client.get(way, headers=holds | more)
        assert (part.status_code, part.content) == (206, CONTENT[:10])
        assert (part.headers["etag"], part.headers["content-type"]) == (granted.etag, "video/mp4")
        assert len(part.headers.get_list("content-disposition")) == 1
    whole = await client.get(way, headers=holds | {"If-Range": '"other"'})
    assert (whole.status_code, whole.content == CONTENT) == (200, True)


async def test_an_account_has_sixteen_downloads_at_once(
    client: httpx.AsyncClient, edge: Edge, delivery: Delivery, granted: Granted
) -> None:
    """Caddy has no such limit: it is the edge of one machine."""
    delivery.put(granted.rendition, bytes(64_000_000))
    async with delivery.database.begin() as tx:
        sql = "UPDATE rendition SET size_bytes = 64000000 WHERE rendition_id = $1"
        await tx.sql.execute(sql, granted.rendition.rendition_id)
    request = f"GET {granted.url} HTTP/1.1\r\nHost: edge\r\n\r\n".encode()
    host, _, port = edge.origin.removeprefix("http://").partition(":")
    taking = [await asyncio.open_connection(host, int(port)) for _ in range(16)]
    for reader, writer in taking:
        writer.write(request)
        assert b" 200 " in await reader.readline()
    for more in ({}, {"If-Match": "*"}):
        answer = await client.get(granted.url, headers={"Range": "bytes=0-0"} | more)
        assert answer.status_code == (429 if edge.kind == "nginx" else 206)
    for _, writer in taking:
        writer.close()


async def test_what_a_client_says_of_its_own_address_does_not_get_through(
    client: httpx.AsyncClient, portal: Portal
) -> None:
    """Else each try of a password came from another network."""
    page = await client.get("/sign-in", headers=PAGE_HEADERS)
    token = Html.of(page.text).all("input")[0].get("value")
    browser = page.cookies["newsreel-browser"]
    await client.post(
        "/sign-in",
        data={"form_token": token, "address": "ada@example.org", "password": "Wrong-Horse-77"},
        headers=PAGE_HEADERS
        | {
            "X-Forwarded-For": "198.51.100.9",
            "Origin": portal.origin,
            "Cookie": f"newsreel-browser={browser}",
        },
    )
    [asked] = [request for request in portal.identity.asked if request.url.path == "/v1/sessions"]
    assert asked.headers["x-forwarded-for"] == "127.0.0.1"
