"""The HTTP API over a real database: pages, one video, its words, conditional requests, problems."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from catalog.commands.import_videos import VideoImport
from catalog.inbound_http import create_http
from catalog.outbound_media.folder import Folder
from catalog.representations.submission import read_manifest
from newsreel_runtime.database import Database

Submit = Callable[..., Path]
Opened = Callable[[str], Awaitable[Database]]
Publish = Callable[..., Awaitable[None]]


@pytest.fixture
async def database(service_database: Opened) -> Database:
    return await service_database("catalog")


@pytest.fixture
async def client(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=create_http(database, database))
    async with httpx.AsyncClient(transport=transport, base_url="http://catalog.test") as opened:
        yield opened


@pytest.fixture
def publish(database: Database, submit: Submit, media_root: Path) -> Publish:
    """`await publish("NR-1", edit)`: a video is in the catalog."""
    importing = VideoImport(database, Folder(media_root), dry_run=False)

    async def published(*submission: Any) -> None:
        folder = submit(*submission)
        assert await importing.run(folder, read_manifest((folder / "manifest.json").read_bytes()))

    return published


async def test_an_empty_catalog_has_an_empty_page(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/videos")
    assert answer.json() == {"items": [], "next_cursor": None}


async def test_pages_are_newest_first_and_leave_nothing_out(
    client: httpx.AsyncClient, publish: Publish
) -> None:
    for number in range(1, 6):
        await publish(f"NR-{number}")
    seen: list[str] = []
    query: dict[str, str] = {"limit": "2"}
    while True:
        page = (await client.get("/v1/videos", params=query)).json()
        seen += [item["reference"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
        await publish(f"NR-NEWER-{len(seen)}")
    assert seen == ["NR-5", "NR-4", "NR-3", "NR-2", "NR-1"]


async def test_a_summary_is_what_the_list_shows(client: httpx.AsyncClient, publish: Publish) -> None:
    await publish("NR-1")
    (item,) = (await client.get("/v1/videos")).json()["items"]
    assert set(item) == {
        "id",
        "reference",
        "title",
        "headline",
        "genre",
        "recorded_at",
        "published_at",
        "duration_ms",
        "spoken_languages",
        "description",
        "credit_line",
        "restrictions",
    }
    assert item["title"]["uk"] == "Міст відкрито"


async def test_the_list_is_filtered_by_spoken_language_and_genre(
    client: httpx.AsyncClient, publish: Publish
) -> None:
    def french(manifest: dict[str, Any]) -> None:
        manifest |= {"genre": "doorstep", "spoken_languages": ["en", "fr"]}

    await publish("NR-1")
    await publish("NR-2", french)

    async def found(**query: str) -> list[str]:
        items = (await client.get("/v1/videos", params=query)).json()["items"]
        return [item["reference"] for item in items]

    assert await found(language="fr") == ["NR-2"]
    assert await found(language="en") == ["NR-2", "NR-1"]
    assert await found(genre="speech") == ["NR-1"]
    assert await found(genre="speech", language="fr") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"cursor": "tomorrow"}, "cursor"),
        ({"cursor": ""}, "cursor"),
        ({"cursor": "A" * 300}, "cursor"),
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"limit": "ten"}, "limit"),
        ({"language": "English"}, "language"),
        ({"genre": "trailer"}, "genre"),
    ],
)
async def test_a_query_that_is_not_valid_is_a_problem_that_names_it(
    client: httpx.AsyncClient, query: dict[str, str], field: str
) -> None:
    answer = await client.get("/v1/videos", params=query)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["field"].split(".")[-1] for error in answer.json()["errors"]] == [field]


async def test_a_video_is_shown_whole(client: httpx.AsyncClient, publish: Publish) -> None:
    await publish("NR-1")
    (item,) = (await client.get("/v1/videos")).json()["items"]
    video = (await client.get(f"/v1/videos/{item['id']}")).json()
    assert {name: video[name] for name in item} == item
    assert (video["version"], video["status"], video["transcript_languages"]) == (1, "usable", ["en", "uk"])
    assert video["people"][1] == {"name": "Mara Quell", "role": "Journalist", "organisation": None}
    assert video["shotlist"][1]["speaker"] == "Greta Holmqvar"
    assert video["keywords"] == {"en": ["bridge", "harbour"]}
    assert [rendition["file"] for rendition in video["renditions"]] == ["broadcast.mp4", "web.mp4"]
    assert video["renditions"][1]["size_bytes"] == 3


async def test_a_transcript_is_timed_and_names_the_speakers(
    client: httpx.AsyncClient, publish: Publish
) -> None:
    await publish("NR-1")
    (item,) = (await client.get("/v1/videos")).json()["items"]
    transcript = (await client.get(f"/v1/videos/{item['id']}/transcripts/en")).json()
    assert (transcript["video_id"], transcript["language"], transcript["kind"]) == (
        item["id"],
        "en",
        "verbatim",
    )
    assert transcript["segments"][1] == {
        "number": 2,
        "start_ms": 2000,
        "end_ms": 4000,
        "part": "answer",
        "speaker": "Greta Holmqvar",
        "text": "The drawings allow eleven.",
    }


VTT = """WEBVTT

1
00:00:00.000 --> 00:00:02.000
<v.question Mara Quell>How far does it bend?</v>

2
00:00:02.000 --> 00:00:04.000
<v.answer Greta Holmqvar>The drawings allow eleven.</v>
"""
SRT = """1
00:00:00,000 --> 00:00:02,000
Mara Quell: How far does it bend?

2
00:00:02,000 --> 00:00:04,000
Greta Holmqvar: The drawings allow eleven.
"""
TXT = """Mara Quell:

How far does it bend?

Greta Holmqvar:

The drawings allow eleven.
"""


@pytest.mark.parametrize(
    ("ending", "kind", "content"),
    [("vtt", "text/vtt", VTT), ("srt", "application/x-subrip", SRT), ("txt", "text/plain", TXT)],
)
async def test_a_transcript_is_a_file_of_each_format(
    client: httpx.AsyncClient, publish: Publish, ending: str, kind: str, content: str
) -> None:
    await publish("NR-1")
    (item,) = (await client.get("/v1/videos")).json()["items"]
    url = f"/v1/videos/{item['id']}/transcripts/en.{ending}"
    answer = await client.get(url)
    assert answer.content.decode() == content
    assert answer.headers["content-type"].partition(";")[0] == kind
    assert answer.headers["content-disposition"] == f'attachment; filename="NR-1.en.{ending}"'
    again = await client.get(url, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    missing = await client.get(f"/v1/videos/{item['id']}/transcripts/fr.{ending}")
    assert missing.json()["type"] == "urn:newsreel:problem:transcript-unknown"
    assert (await client.get(f"/v1/videos/{item['id']}/transcripts/en.exe")).status_code == 422


async def test_head_is_get_without_the_body(client: httpx.AsyncClient, publish: Publish) -> None:
    """Trial B13, and B14: a slash more is another path, not a redirect to the Host that was sent."""
    await publish("NR-1")
    (item,) = (await client.get("/v1/videos")).json()["items"]
    for path in ("", f"/{item['id']}", f"/{item['id']}/transcripts/en", f"/{uuid4()}", "?limit=0"):
        got, head = await client.get(f"/v1/videos{path}"), await client.head(f"/v1/videos{path}")
        assert (head.status_code, head.content, head.headers) == (got.status_code, b"", got.headers), path
    tag = {"If-None-Match": (await client.head("/v1/videos")).headers["etag"]}
    assert (await client.head("/v1/videos", headers=tag)).status_code == 304
    elsewhere = await client.get("/v1/videos/", headers={"Host": "evil.example"})
    assert (elsewhere.status_code, "evil" in str(elsewhere.headers)) == (404, False)


async def test_what_is_not_there_is_a_problem(client: httpx.AsyncClient, publish: Publish) -> None:
    await publish("NR-1")
    (item,) = (await client.get("/v1/videos")).json()["items"]
    for path, kind in [
        (f"/v1/videos/{uuid4()}", "video-unknown"),
        (f"/v1/videos/{uuid4()}/transcripts/en", "transcript-unknown"),
        (f"/v1/videos/{item['id']}/transcripts/fr", "transcript-unknown"),
    ]:
        answer = await client.get(path)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"] == f"urn:newsreel:problem:{kind}"
    assert (await client.get("/v1/videos/not-an-id")).status_code == 422


async def test_what_the_client_has_is_not_sent_again(client: httpx.AsyncClient, publish: Publish) -> None:
    await publish("NR-1")
    (item,) = (await client.get("/v1/videos")).json()["items"]
    path = f"/v1/videos/{item['id']}"
    for url in ("/v1/videos", path, f"{path}/transcripts/en"):
        first = await client.get(url)
        tag = first.headers["etag"]
        assert tag.startswith('"')
        assert first.headers["cache-control"] == "public, max-age=10"
        for named in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            again = await client.get(url, headers={"If-None-Match": named})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        for other in ('"other"', tag.strip('"'), ""):
            assert (await client.get(url, headers={"If-None-Match": other})).status_code == 200
    await publish("NR-1", lambda manifest: manifest["titles"].update(en="Better"))
    changed = await client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (changed.status_code, changed.json()["title"]["en"]) == (200, "Better")
