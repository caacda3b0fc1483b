"""A video is withheld, released, withdrawn: what everybody sees, the bus hears and the history keeps."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from catalog.commands.import_videos import VideoImport
from catalog.domain.editorial import Note
from catalog.domain.video import Segment, Stop, Transcript, Video
from catalog.errors import ImportRefusedError
from catalog.inbound_http import create_http
from catalog.outbound_media.folder import Folder
from catalog.representations.submission import read_manifest
from catalog.store import editorial
from catalog.store.moments import count_stale
from catalog.store.videos import find_by_reference
from catalog.usecases.correct_transcript import correct_transcript
from catalog.usecases.release_video import release_video
from catalog.usecases.republish_videos import republish_transcripts, republish_videos
from catalog.usecases.stop_video import stop_video
from newsreel_runtime.clock import now
from newsreel_runtime.database import Database
from newsreel_runtime.errors import ServiceError

Opened = Callable[[str], Awaitable[Database]]
Submit = Callable[..., Path]
REFERENCE = "NR-2026-0900"
NOTE = {"en": "Rights are being cleared.", "uk": "Права з’ясовуються."}
FRENCH = Transcript("fr", "translation", (Segment(1, 0, 2000, "question", "Mara Quell", "Combien ?"),))
RIGHTS = Stop("rights", {"en": NOTE["en"], "uk": NOTE["uk"]})


class Desk:
    """An editor with one published video, REFERENCE, beside another one."""

    def __init__(self, database: Database, importing: VideoImport, submit: Submit) -> None:
        self.database = database
        self._importing = importing
        self._submit = submit

    async def bring_in(self, *submission: Any, **files: Any) -> bool:
        folder = self._submit(*submission, **files)
        return await self._importing.run(folder, read_manifest((folder / "manifest.json").read_bytes()))

    async def video(self) -> Video:
        async with self.database.read() as sql:
            video = await find_by_reference(sql, REFERENCE)
        assert video is not None
        return video

    async def withhold(self, *, version: int | None = None) -> Video:
        return await self._stop("withheld", version)

    async def withdraw(self, *, version: int | None = None) -> Video:
        return await self._stop("withdrawn", version)

    async def release(self) -> Video:
        video = await self.video()
        async with self.database.begin() as tx:
            return await release_video(tx, video.video_id, note(), version=video.version)

    async def _stop(self, status: Any, version: int | None) -> Video:
        video = await self.video()
        async with self.database.begin() as tx:
            return await stop_video(
                tx, video.video_id, status, RIGHTS, note(), version=version or video.version
            )

    async def said(self) -> list[tuple[str, Any]]:
        """What is in the outbox, by the last words of the type; it is empty then."""
        async with self.database.begin() as tx:
            rows = await tx.sql.fetch("SELECT type, payload FROM outbox ORDER BY seq")
            await tx.sql.execute("DELETE FROM outbox")
        return [(".".join(row["type"].split(".")[2:4]), json.loads(row["payload"] or "null")) for row in rows]


def note() -> Note:
    return Note("olga", "ticket 7", now())


@pytest.fixture
async def desk(service_database: Opened, submit: Submit, media_root: Path) -> Desk:
    database = await service_database("catalog")
    made = Desk(database, VideoImport(database, Folder(media_root), dry_run=False), submit)
    assert await made.bring_in(REFERENCE)
    assert await made.bring_in("NR-OTHER", lambda manifest: manifest.update(titles={"en": "Other"}))
    await made.said()
    return made


@pytest.fixture
async def client(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=create_http(desk.database, desk.database))
    async with httpx.AsyncClient(transport=transport, base_url="http://catalog.test") as opened:
        yield opened


def addresses(video_id: UUID) -> list[str]:
    """Every public address of one video."""
    words = f"/v1/videos/{video_id}/transcripts/en"
    return [f"/v1/videos/{video_id}", words, *(f"{words}.{ending}" for ending in ("vtt", "srt", "txt"))]


async def seen(client: httpx.AsyncClient, video_id: UUID) -> set[int]:
    return {(await client.get(address)).status_code for address in addresses(video_id)}


async def counted(client: httpx.AsyncClient) -> tuple[list[str], int, int]:
    """The references of the list, the moments found of the video, and what counts and facets tell beyond."""
    items = (await client.get("/v1/videos", params={"limit": 100})).json()["items"]
    found = 0
    facets = 0
    for typed in (
        "bridge opens",
        "міст",
        "drawings allow",
        "прогинається",
        "drawings missing words",
        "lang:uk",
    ):
        for order in ("newest", "relevance"):
            body = (await client.get("/v1/search", params={"q": typed, "order": order})).json()
            found += sum(item["reference"] == REFERENCE for item in body["items"])
            facets += body["summary"]["count"] - len(body["items"])
    return [item["reference"] for item in items], found, facets


async def test_a_withheld_video_is_seen_nowhere_and_its_release_brings_all_of_it_back(
    desk: Desk, client: httpx.AsyncClient
) -> None:
    video = await desk.video()
    before = await counted(client)
    assert (before[0], before[2]) == (["NR-OTHER", REFERENCE], 0)
    assert before[1] > 0
    await desk.withhold()
    assert await counted(client) == (["NR-OTHER"], 0, 0)
    assert await seen(client, video.video_id) == {403}
    await desk.release()
    assert await counted(client) == before
    assert await seen(client, video.video_id) == {200}
    assert (await desk.video()) == replace(video, version=3)


QUESTIONS = (
    "zebra",
    "speaker:zebra",
    "place:zebra",
    "event:zebra",
    '"a zebra"',
    "lang:uk",
    "has:captions",
    "zebra of no stripes",
)
OF_LISTS = ({"language": "en"}, {"genre": "speech"})
FILLED = {"language": ("en", "uk"), "ending": ("vtt", "srt", "txt")}  # beside `video_id`, in paths


def secret(manifest: dict[str, Any]) -> None:
    """Each of its texts and names has one word that no other video has."""
    for field in ("titles", "headlines", "descriptions", "restrictions"):
        manifest[field] = dict.fromkeys(manifest[field], "Zebra")
    manifest["keywords"] = {"en": ["zebra"]}
    manifest["location"] = manifest["credit_line"] = "Zebra"
    for shot in manifest["shotlist"]:
        shot["text"] = {"en": "zebra"}
    for transcript in manifest["transcripts"]:
        for segment in transcript["segments"]:
            segment["text"] = "A zebra."
    manifest.update(json.loads(json.dumps(manifest).replace("Greta Holmqvar", "Zebra Holmqvar")))


def said_by(answer: httpx.Response) -> str:
    """Headers and body, without the question that a search repeats."""
    text = answer.text
    if answer.headers["content-type"] == "application/json":
        body = answer.json()
        body.pop("question", None)
        text = json.dumps(body, ensure_ascii=False)
    return f"{answer.headers} {text}".lower()


async def test_no_public_route_tells_of_a_stopped_video(desk: Desk, client: httpx.AsyncClient) -> None:
    """Every GET of the document, whatever routes come: with a question, without, and in each facet."""
    assert await desk.bring_in("NR-SECRET", secret, web=b"zebra", broadcast=b"zebra")
    video_id = str(next(iter((await client.get("/v1/videos", params={"limit": 1})).json()["items"]))["id"])
    document = (await client.get("/openapi.json")).json()
    routes = [path for path, methods in document["paths"].items() if "get" in methods]
    addresses = [
        path.format(video_id=video_id, **dict(zip(names, values, strict=True)))
        for path in routes
        for names in [[name for name in re.findall("{([a-z_]+)}", path) if name != "video_id"]]
        for values in product(*(FILLED[name] for name in names))
    ]
    queries = [{}, {"limit": "50"}, *({"q": typed} for typed in QUESTIONS), *OF_LISTS]

    async def telling() -> set[str]:
        found = set()
        for address in addresses:
            for query in queries:
                told = said_by(await client.get(address, params=query))
                if "zebra" in told or "nr-secret" in told:
                    found.add(address)
        return found

    assert len(await telling()) == len(addresses)
    for status in ("withheld", "withdrawn"):
        async with desk.database.begin() as tx:
            video = await find_by_reference(tx.sql, "NR-SECRET")
            assert video is not None
            stop = Stop("other", {})
            await stop_video(tx, video.video_id, status, stop, note(), version=video.version)
        assert await telling() == set()


async def test_the_bus_hears_the_state_and_forgets_the_words(desk: Desk) -> None:
    await desk.withhold()
    (kind, withheld), *erased = await desk.said()
    assert kind == "video.withheld"
    assert (withheld["video"]["status"], withheld["video"]["version"]) == ("withheld", 2)
    assert (withheld["reason"], withheld["note"]) == ("rights", NOTE)
    assert erased == [("transcript.erased", None)] * 2
    await desk.release()
    (kind, released), *words = await desk.said()
    assert (kind, released["video"]["status"], released["video"]["version"]) == ("video.revised", "usable", 3)
    assert [(kind, one["language"], one["version"]) for kind, one in words] == [
        ("transcript.published", "en", 1),
        ("transcript.published", "uk", 1),
    ]
    await desk.withdraw()
    (kind, withdrawn), *erased = await desk.said()
    assert (kind, withdrawn["video"]["version"], withdrawn["reason"]) == ("video.withdrawn", 4, "rights")
    assert erased == [("transcript.erased", None)] * 2


async def test_everybody_is_told_why_and_nobody_by_whom(desk: Desk, client: httpx.AsyncClient) -> None:
    video = await desk.video()
    for act, code, status in (
        (desk.withhold, "video-withheld", 403),
        (desk.withdraw, "video-withdrawn", 410),
    ):
        await act()
        for address in addresses(video.video_id):
            answer = await client.get(address)
            assert answer.status_code == status
            assert answer.headers["content-type"] == "application/problem+json"
            problem = answer.json()
            assert problem["type"] == f"urn:newsreel:problem:{code}"
            assert (problem["reason"], problem["note"]) == ("rights", NOTE)
            assert "olga" not in answer.text
    assert "olga" not in json.dumps(await desk.said())


async def test_what_is_withdrawn_never_comes_back(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    withdrawn = await desk.withdraw()
    await desk.said()
    for act in (desk.release, desk.withhold, desk.withdraw):
        with pytest.raises(ServiceError, match="status-refused"):
            await act()
    for changed in ({}, {"titles": {"en": "Better"}}):
        assert not await desk.bring_in(REFERENCE, lambda manifest, new=changed: manifest.update(new))
    assert capsys.readouterr().err.count(f"reference: {REFERENCE} was withdrawn for good") == 2
    async with desk.database.begin() as tx:
        with pytest.raises(ImportRefusedError, match="withdrawn for good"):
            await correct_transcript(tx, withdrawn, Transcript("fr", "translation", ()), now())
    assert await desk.said() == []
    assert await desk.video() == withdrawn


async def test_a_withheld_video_is_corrected_before_it_is_released(
    desk: Desk, client: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not a word of the correction is public until the release."""

    def corrected(manifest: dict[str, Any]) -> None:
        manifest["titles"]["en"] = "Bridge reopens"
        manifest["transcripts"][0]["segments"][1]["text"] = "The drawings allow twelve."

    await desk.withhold()
    await desk.said()
    assert await desk.bring_in(REFERENCE, corrected)
    [(kind, state)] = await desk.said()
    assert (kind, state["video"]["version"], state["reason"]) == ("video.withheld", 3, "rights")
    assert "transcript en; withheld: shown once it is released" in capsys.readouterr().out
    async with desk.database.begin() as tx:
        await correct_transcript(tx, await desk.video(), FRENCH, now())
    [(kind, state)] = await desk.said()
    assert (kind, state["video"]["transcript_languages"]) == ("video.withheld", ["en", "fr", "uk"])
    assert (await counted(client))[:2] == (["NR-OTHER"], 0)
    await desk.release()
    (_, state), *words = await desk.said()
    assert (state["video"]["titles"]["en"], state["video"]["version"]) == ("Bridge reopens", 5)
    assert [(one["language"], one["version"]) for _, one in words] == [("en", 2), ("fr", 1), ("uk", 1)]
    found = (await client.get("/v1/search", params={"q": "drawings allow twelve"})).json()
    assert [item["reference"] for item in found["items"]] == [REFERENCE]


async def test_of_two_who_act_on_one_version_one_is_refused(desk: Desk) -> None:
    both = (desk.withhold(version=1), desk.withdraw(version=1))
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["ServiceError", "Video"]
    [refused] = [outcome for outcome in outcomes if isinstance(outcome, ServiceError)]
    assert (refused.code, refused.status) == ("version-passed", 412)
    assert len(await history(desk)) == 2
    assert [kind for kind, _ in await desk.said()][1:] == ["transcript.erased"] * 2


async def test_an_import_that_was_planned_before_changes_no_status(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    """The plan is of version 1, the video is withheld at version 2 when it is written."""
    stale = await desk.video()
    await desk.withhold()
    async with desk.database.begin() as tx:
        with pytest.raises(ImportRefusedError, match="another import changed this video"):
            await correct_transcript(tx, stale, Transcript("fr", "translation", ()), now())
    assert (await desk.video()).status == "withheld"
    with pytest.raises(ServiceError, match="version-passed"):
        await desk.withdraw(version=1)


async def history(desk: Desk) -> list[tuple[str, int, str, str]]:
    video_id = (await desk.video()).video_id
    async with desk.database.read() as sql:
        return [
            (act.done, act.version, act.editor, act.why) for act in await editorial.history(sql, video_id)
        ]


async def test_the_history_says_who_when_and_why_and_is_never_changed(desk: Desk) -> None:
    await desk.withhold()
    assert await desk.bring_in(REFERENCE, lambda manifest: manifest.update(location="Tirvane"))
    await desk.release()
    await desk.withdraw()
    assert await history(desk) == [
        ("published", 1, "import", "imported"),
        ("withheld", 2, "olga", "ticket 7"),
        ("revised", 3, "import", "imported: location"),
        ("released", 4, "olga", "ticket 7"),
        ("withdrawn", 5, "olga", "ticket 7"),
    ]
    for change in (
        "UPDATE editorial_act SET editor = 'x'",
        "DELETE FROM editorial_act",
        "TRUNCATE editorial_act",
    ):
        with pytest.raises(asyncpg.RaiseError, match="stays recorded"):
            async with desk.database.begin() as tx:
                await tx.sql.execute(change)
    assert len(await history(desk)) == 5


async def test_a_bus_that_lost_it_is_told_the_event_of_each_state(desk: Desk) -> None:
    video_id = (await desk.video()).video_id
    before = UUID(int=video_id.int - 1)
    for act in (desk.withhold, desk.release, desk.withdraw):
        await act()
        first = await desk.said()
        async with desk.database.begin() as tx:
            assert video_id in await republish_videos(tx, before)
            assert await republish_transcripts(tx, before) == [video_id]
        again = await desk.said()
        assert again[0] == first[0]
        assert [one for one in again if one[0].startswith("transcript")] == first[1:]


async def test_the_timer_of_the_search_brings_nothing_back(desk: Desk) -> None:
    await desk.withhold()
    async with desk.database.read() as sql:
        assert await count_stale(sql) == 0
