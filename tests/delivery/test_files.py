"""What the edge is told at signed URLs and posters: the file, its headers, conditions, and refusals.

What a client gets of it, `tests/edge` says.
"""

import base64
import hashlib
import random
from urllib.parse import quote, urlsplit

import httpx
import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from newsreel_events.catalog import RenditionV1
from newsreel_runtime.ids import new_id
from newsreel_testing.delivery_service import MEDIA, PORTAL, Delivery, a_rendition, a_video

CONTENT = random.Random(1).randbytes(700_001)
NAME = "Конференція, Bruxelles.mp4"


async def ticket(delivery: Delivery, client: httpx.AsyncClient, file: str = NAME) -> tuple[RenditionV1, str]:
    """A published file and the address of a ticket for it, with the caller's token on the client."""
    video, rendition = await delivery.publish_file(CONTENT, file)
    client.headers.update(delivery.issuer.bearer(await delivery.account()))
    wanted = {"video_id": str(video.video_id), "rendition_id": str(rendition.rendition_id)}
    granted = (await client.post("/v1/grants", json=wanted)).json()
    return rendition, urlsplit(granted["ticket"]).path


async def redeemed(client: httpx.AsyncClient, address: str) -> str:
    return (await client.get(address)).headers["location"]


@pytest.fixture
async def url(delivery: Delivery, client: httpx.AsyncClient) -> str:
    """A signed URL of a published file."""
    _, address = await ticket(delivery, client)
    return await redeemed(client, address)


async def test_who_takes_a_file_decides_nothing_of_its_trace(
    delivery: Delivery, url: str, exporter: InMemorySpanExporter
) -> None:
    """Review D6: a browser, or whoever has the URL, sends what it likes; only services are believed."""
    exporter.clear()
    sent = {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"}
    async with delivery.client() as stranger:
        for path in (url, f"/posters/{new_id()}.jpg"):
            await stranger.get(path, headers=sent)
    requests = [span for span in exporter.get_finished_spans() if span.kind is SpanKind.SERVER]
    assert [(span.parent, len(span.links)) for span in requests] == [(None, 1)] * 2


async def test_a_whole_file_with_all_that_a_downloader_needs(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    rendition, address = await ticket(delivery, client)
    url = await redeemed(client, address)
    async with delivery.client() as stranger:
        answer = await stranger.get(url)
        looked = await stranger.head(url)
    digest = base64.b64encode(hashlib.sha256(CONTENT).digest()).decode()
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["x-accel-redirect"] == quote(f"/media/{rendition.rendition_id}/{NAME}")
    assert answer.headers["x-newsreel-grant"] == address.rpartition("/")[2]
    assert answer.headers["etag"] == f'"{rendition.sha256}"'
    assert answer.headers["repr-digest"] == f"sha-256=:{digest}:"
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"].startswith('attachment; filename="')
    assert "filename*=UTF-8''%D0%9A%D0%BE" in answer.headers["content-disposition"]
    assert (looked.status_code, looked.content) == (200, b"")
    assert looked.headers == answer.headers


async def test_conditions(delivery: Delivery, client: httpx.AsyncClient) -> None:
    """Trial B7: delivery knows the entity tag, so it answers what is not to be sent."""
    rendition, address = await ticket(delivery, client)
    url, etag = await redeemed(client, address), f'"{rendition.sha256}"'
    for way in (url, f"/v1/grants/{address.rpartition('/')[2]}/file"):
        same = await client.get(way, headers={"If-None-Match": etag})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", etag)
        for method in ("GET", "HEAD"):
            for named, status in ((f"W/{etag}", 412), ('"other"', 412), (etag, 200), ("*", 200)):
                answer = await client.request(method, way, headers={"If-Match": named, "Range": "bytes=0-9"})
                assert (answer.status_code, "x-accel-redirect" in answer.headers) == (status, status == 200)


async def test_a_browser_is_shown_the_way_back(delivery: Delivery, client: httpx.AsyncClient) -> None:
    """Trial B9: people follow these addresses, too."""
    rendition, address = await ticket(delivery, client, "<b>.mp4")
    url = await redeemed(client, address)
    browser = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    (delivery.media_root / str(rendition.rendition_id) / rendition.file).unlink()
    missing = await client.get(url, headers=browser)
    delivery.clock.pass_by(3600)
    expired = await client.get(url, headers=browser)
    forged = await client.get(url + "A", headers=browser)
    assert [answer.status_code for answer in (missing, expired, forged)] == [503, 410, 403]
    for answer in (missing, expired, forged):
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
        assert f'<a href="{PORTAL}">' in answer.text
    assert f'<a href="{PORTAL}{address}">' in expired.text
    assert missing.headers["retry-after"]
    program = await client.get(url, headers={"Accept": "*/*"})
    assert (program.status_code, program.headers["content-type"]) == (410, "application/problem+json")


async def test_a_download_outlives_the_correction_of_its_files_name(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    """Trial B19: same bytes, same id; a URL that was signed before goes on."""
    video, rendition = await delivery.publish_file(CONTENT, "press.mp4")
    client.headers.update(delivery.issuer.bearer(await delivery.account()))
    wanted = {"video_id": str(video.video_id), "rendition_id": str(rendition.rendition_id)}
    address = urlsplit((await client.post("/v1/grants", json=wanted)).json()["ticket"]).path
    old = await redeemed(client, address)
    corrected = a_rendition(CONTENT, "presser.mp4", rendition.rendition_id)
    delivery.put(corrected, CONTENT)
    await delivery.publish(a_video(corrected, video_id=video.video_id, version=2))
    new = await redeemed(client, address)
    begun, ended = await client.get(old), await client.get(new)
    assert (begun.status_code, ended.status_code) == (200, 200)
    assert begun.headers["x-accel-redirect"] == ended.headers["x-accel-redirect"]
    assert begun.headers["etag"] == ended.headers["etag"]
    assert "/presser.mp4?" in new


async def test_a_link_that_expired_names_its_ticket(delivery: Delivery, client: httpx.AsyncClient) -> None:
    _, address = await ticket(delivery, client)
    url = await redeemed(client, address)
    begun = await client.get(url)
    delivery.clock.pass_by(3600)
    expired = await client.get(url)
    assert expired.status_code == 410
    assert expired.json()["type"] == "urn:newsreel:problem:link-expired"
    assert expired.json()["ticket"] == PORTAL + address
    ended = await client.get(await redeemed(client, urlsplit(expired.json()["ticket"]).path))
    for header in ("x-accel-redirect", "etag", "repr-digest", "content-disposition", "content-type"):
        assert ended.headers[header] == begun.headers[header]


async def test_a_link_lives_until_its_last_second(delivery: Delivery, client: httpx.AsyncClient) -> None:
    _, address = await ticket(delivery, client)
    url = await redeemed(client, address)
    delivery.clock.pass_by(3599)
    assert (await client.head(url)).status_code == 200
    delivery.clock.pass_by(1)
    assert (await client.head(url)).status_code == 410


async def test_forged_links_are_one_refusal(delivery: Delivery, client: httpx.AsyncClient) -> None:
    rendition, address = await ticket(delivery, client, "presser.mp4")
    url = await redeemed(client, address)
    other, elsewhere = await ticket(delivery, client, "other.mp4")
    foreign = await redeemed(client, elsewhere)
    folder = f"/r/{rendition.rendition_id}"
    query = urlsplit(url).query
    forged = [
        f"{folder}/presser.mp4?{urlsplit(foreign).query}",
        f"{folder}/other.mp4?{query}",
        f"/r/{other.rendition_id}/other.mp4?{query}",
        f"{folder}/presser.mp4?{query}&x=1",
        f"{folder}/presser.mp4",
        f"{folder}/%70resser.mp4?{query}",
        f"{folder}/..%5Cpresser.mp4?{query}",
        f"{folder}/%00?{query}",
        f"/r/a%00b/c?{query}",
        url.replace("k=k1", "k=k7"),
        url[:-1] + ("A" if url[-1] != "A" else "B"),
    ]
    answers = [await client.get(url) for url in forged]
    assert [answer.status_code for answer in answers] == [403] * len(forged)
    assert len({answer.text for answer in answers}) == 1
    delivery.clock.pass_by(7200)
    assert (await client.get(forged[-1])).status_code == 403


async def test_an_invented_host_changes_nothing(delivery: Delivery, client: httpx.AsyncClient) -> None:
    _, address = await ticket(delivery, client)
    invented = {"Host": "evil.test", "X-Forwarded-Host": "evil.test", "Forwarded": "host=evil.test"}
    url = (await client.get(address, headers=invented)).headers["location"]
    assert url.startswith(MEDIA)
    assert (await client.head(url, headers=invented)).status_code == 200


async def test_a_rendition_that_was_taken_back_is_gone_at_once(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    video, rendition = await delivery.publish_file(CONTENT)
    client.headers.update(delivery.issuer.bearer(await delivery.account()))
    wanted = {"video_id": str(video.video_id), "rendition_id": str(rendition.rendition_id)}
    granted = (await client.post("/v1/grants", json=wanted)).json()
    url = await redeemed(client, urlsplit(granted["ticket"]).path)
    await delivery.publish(a_video(a_rendition(b"new"), video_id=video.video_id, version=2))
    assert (await client.get(url)).status_code == 404


@pytest.mark.parametrize("there", [None, b"half of it"])
async def test_wrong_bytes_are_never_sent_under_a_right_tag(
    delivery: Delivery, client: httpx.AsyncClient, there: bytes | None
) -> None:
    rendition, address = await ticket(delivery, client)
    path = delivery.media_root / str(rendition.rendition_id) / rendition.file
    path.unlink()
    if there is not None:
        path.write_bytes(there)
    answer = await client.get(await redeemed(client, address))
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:newsreel:problem:bytes-missing"
    assert "etag" not in answer.headers


async def test_posters_are_public_and_cached(delivery: Delivery, client: httpx.AsyncClient) -> None:
    """Trial B5: the address shows the published picture, whatever else lies in the folder."""
    video = await delivery.publish_poster(b"a poster")
    (delivery.media_root / "posters" / str(video.video_id) / f"{'0' * 64}.jpg").write_bytes(b"of a revision")
    answer = await client.get(f"/posters/{video.video_id}.jpg")
    sha256 = hashlib.sha256(b"a poster").hexdigest()
    assert answer.headers["x-accel-redirect"] == f"/media/posters/{video.video_id}/{sha256}.jpg"
    assert (answer.status_code, answer.headers["etag"]) == (200, f'"{sha256}"')
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "public, max-age=300"
    again = await client.get(
        f"/posters/{video.video_id}.jpg", headers={"If-None-Match": answer.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    await delivery.publish_poster(b"a better one", video)
    better = await client.get(f"/posters/{video.video_id}.jpg")
    assert better.headers["etag"] == f'"{hashlib.sha256(b"a better one").hexdigest()}"'


async def test_a_poster_that_was_published_before_its_file_had_a_name_of_its_own(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    video, _ = await delivery.publish_file(CONTENT)
    (delivery.media_root / "posters").mkdir()
    (delivery.media_root / "posters" / f"{video.video_id}.jpg").write_bytes(b"a poster")
    answer = await client.get(f"/posters/{video.video_id}.jpg")
    assert answer.headers["x-accel-redirect"] == f"/media/posters/{video.video_id}.jpg"
    assert "etag" not in answer.headers  # nobody knows its content


async def test_a_poster_is_shown_for_a_published_video_only(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    video, _ = await delivery.publish_file(CONTENT)
    draft = new_id()
    (delivery.media_root / "posters").mkdir()
    (delivery.media_root / "posters" / f"{draft}.jpg").write_bytes(b"not yet")
    assert (await client.get(f"/posters/{draft}.jpg")).status_code == 404
    assert (await client.get(f"/posters/{video.video_id}.jpg")).status_code == 404
    assert (await client.get("/posters/..%2F..%2Fetc%2Fpasswd.jpg")).status_code == 404
    assert (await client.get("/posters/a%00b.jpg")).status_code == 422
