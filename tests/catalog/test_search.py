"""The search over HTTP and a real database: hits, fields, facets, pages, and what never leaks."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from catalog.commands.import_videos import VideoImport
from catalog.inbound_http import create_http
from catalog.outbound_media.folder import Folder
from catalog.representations.submission import read_manifest
from catalog.store.search import SESSION
from catalog.usecases.index_stale_videos import index_stale_videos
from catalog.usecases.index_video import index_video
from catalog.usecases.search_moments import search_moments
from newsreel_runtime.database import Database
from newsreel_testing.databases import Databases

Submit = Callable[..., Path]
Opened = Callable[[str], Awaitable[Database]]
Publish = Callable[..., Awaitable[None]]
Ask = Callable[..., Awaitable[Any]]
NOTHING = {"count": 0, "is_exact": True, "languages": [], "speakers": []}


@pytest.fixture
async def database(service_database: Opened) -> Database:
    return await service_database("catalog")


@pytest.fixture
async def client(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=create_http(database, database))
    async with httpx.AsyncClient(transport=transport, base_url="http://catalog.test") as opened:
        yield opened


@pytest.fixture
def ask(client: httpx.AsyncClient) -> Ask:
    """`await ask("words", limit=2)`: the answer's body."""

    async def asked(typed: str, **query: Any) -> Any:
        answer = await client.get("/v1/search", params={"q": typed} | query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return asked


@pytest.fixture
def publish(database: Database, submit: Submit, media_root: Path) -> Publish:
    """`await publish("NR-1", said("…"), dry_run=True)`: a video is in the catalog."""

    async def published(*submission: Any, dry_run: bool = False) -> None:
        importing = VideoImport(database, Folder(media_root), dry_run=dry_run)
        folder = submit(*submission)
        assert await importing.run(folder, read_manifest((folder / "manifest.json").read_bytes()))

    return published


def said(*texts: str, language: str = "en", **changed: Any) -> Callable[[dict[str, Any]], None]:
    """An edit of the manifest: the question and answers of its only transcript."""

    def edit(manifest: dict[str, Any]) -> None:
        segment = {"part": "answer", "speaker": "Greta Holmqvar"}
        segments = [
            segment | {"number": at, "start_ms": at * 1000, "end_ms": at * 1000 + 900, "text": text}
            for at, text in enumerate(texts, 1)
        ]
        manifest["transcripts"] = [{"language": language, "kind": "verbatim", "segments": segments}]
        manifest["duration_ms"] = 100_000
        manifest["spoken_languages"] = [language]
        manifest.update(changed)

    return edit


def marked(item: Any) -> list[str]:
    return [item["text"][start:end] for start, end in item["marks"]]


async def test_a_quote_is_found_in_its_second(ask: Ask, publish: Publish) -> None:
    await publish("NR-1")
    body = await ask('"drawings allow eleven"')
    (item,) = body["items"]
    assert item["second"] == 2
    assert item["speaker"] == "Greta Holmqvar"
    assert item["text"] == "The drawings allow eleven."
    assert marked(item) == ["drawings allow eleven"]
    assert item["link"] == f"/videos/{item['video_id']}?lang=en&t=2"
    assert item["title"]["fr"] == "Le pont ouvre"
    assert body["order"] == "newest"
    assert body["summary"] == {
        "count": 1,
        "is_exact": True,
        "languages": [{"value": "en", "count": 1}],
        "speakers": [{"value": "Greta Holmqvar", "count": 1}],
    }


@pytest.mark.parametrize(
    ("spoken", "typed", "found"),
    [
        (("fr", "L’élection européenne approche."), "elections europeennes", ["élection", "européenne"]),
        (("fr", "L’élection européenne approche."), "l'ELECTION", ["L", "élection"]),
        (("uk", "П’ять міністрів домовилися."), "п'ять міністр", ["П’ять", "міністрів"]),
        (("uk", "Ми повернемося до Києва."), '"до Київ"', ["до Києва"]),
        (
            ("en", "It's the ministers' decision: NATO stays."),
            "minister decisions nato",
            ["ministers", "decision", "NATO"],
        ),
        (("en", "Quoting “l’État c’est moi” & <b>bold</b>"), "bold etat", ["État", "bold"]),
    ],
)
async def test_words_are_found_as_people_type_them(
    ask: Ask, publish: Publish, spoken: tuple[str, str], typed: str, found: list[str]
) -> None:
    language, text = spoken
    await publish("NR-1", said(text, language=language))
    (item,) = (await ask(typed))["items"]
    assert marked(item) == found


async def test_a_title_is_a_moment_too(ask: Ask, publish: Publish) -> None:
    await publish("NR-1")
    (item,) = (await ask("pont ouvre"))["items"]
    assert (item["number"], item["second"], item["speaker"], item["language"]) == (0, 0, None, "fr")
    assert marked(item) == ["pont", "ouvre"]
    assert (await ask("harbour ferry"))["items"][0]["text"].splitlines() == [
        "Bridge opens",
        "Four millimetres",
        "The bridge.",
        "And the ferry.",
        "bridge",
        "harbour",
    ]


@pytest.mark.parametrize(
    ("typed", "references"),
    [
        ("treaty", ["NR-2", "NR-1"]),
        ("treaty speaker:holmqvar", ["NR-1"]),
        ('treaty speaker:"mara QUELL"', ["NR-2"]),
        ("treaty speaker:holmqvar speaker:quell", ["NR-2", "NR-1"]),
        ("treaty place:linden", ["NR-1"]),
        ("treaty place:montreal", ["NR-2"]),
        ("treaty event:summits", ["NR-2"]),
        ("treaty lang:en", ["NR-1"]),
        ("treaty lang:fr", ["NR-2"]),
        ("treaty from:2026-05", ["NR-2"]),
        ("treaty to:2026-04-02", ["NR-1"]),
        ("speaker:quell", ["NR-2"]),
        ("treaty speaker:nobody", []),
        ("treaty event:nothing", []),
        ("treaty has:captions", ["NR-2", "NR-1"]),
        ("opens has:captions lang:en", ["NR-1"]),
    ],
)
async def test_fields(ask: Ask, publish: Publish, typed: str, references: list[str]) -> None:
    await publish("NR-1", said("The treaty holds."))

    def another(manifest: dict[str, Any]) -> None:
        said("The treaty holds.", language="fr")(manifest)
        manifest["transcripts"][0]["segments"][0]["speaker"] = "Mara Quell"
        manifest |= {"location": "Montréal", "recorded_at": "2026-05-01", "titles": {"en": "Summit"}}
        manifest |= {"headlines": {"en": "x"}, "descriptions": {"en": "y"}, "keywords": {}}

    await publish("NR-2", another)
    await publish("NR-3", lambda manifest: manifest.update(transcripts=[], recorded_at="2026-06-01"))
    assert [item["reference"] for item in (await ask(typed))["items"]] == references


async def test_pages_leave_nothing_out(ask: Ask, publish: Publish) -> None:
    for number in range(3):
        await publish(
            f"NR-{number}", said(*(f"word {at}" for at in range(5)), recorded_at=f"2026-0{number + 1}-01")
        )
    for order in ("newest", "relevance"):
        whole = await ask("word", order=order, limit=50)
        assert whole["summary"]["count"] == 15
        seen: list[Any] = []
        page = await ask("word", order=order, limit=4)
        while True:
            seen += page["items"]
            if page["next_cursor"] is None:
                break
            page = await ask("word", limit=4, cursor=page["next_cursor"])
            assert page["summary"] is None
        assert seen == whole["items"]
    assert [(item["reference"], item["number"]) for item in seen][:3] == [
        ("NR-2", 1),
        ("NR-2", 2),
        ("NR-2", 3),
    ]


async def test_the_best_is_first_on_request(ask: Ask, publish: Publish) -> None:
    await publish("NR-1", said("a bridge of peace, and peace on the bridge", recorded_at="2025-01-01"))
    await publish("NR-2", said("the bridge is long and wide and high, and it brings us peace"))
    first = [item["reference"] for item in (await ask("peace bridge"))["items"]]
    best = [item["reference"] for item in (await ask("peace bridge", order="relevance"))["items"]]
    assert (first, best) == (["NR-2", "NR-1"], ["NR-1", "NR-2"])


async def test_a_damaged_quote_finds_what_has_most_of_it(ask: Ask, publish: Publish) -> None:
    await publish("NR-1", said("Nothing alike.", "The drawings allow eleven millimetres in the wind."))
    await publish("NR-2", said("The drawings burn."))
    body = await ask('"the drawings alow eleven milimetres in the wind"', limit=1)
    assert body["order"] == "most"
    assert [item["reference"] for item in body["items"]] == ["NR-1"]
    assert "drawings" in marked(body["items"][0])
    assert (await ask("drawings nowhere"))["items"] == []


async def test_pages_of_a_damaged_quote(ask: Ask, publish: Publish) -> None:
    await publish("NR-1", said(*(f"one two three {at}" for at in range(5))))
    first = await ask("one two three fourr", limit=3)
    assert (first["order"], len(first["items"])) == ("most", 3)
    second = await ask("one two three fourr", limit=3, cursor=first["next_cursor"])
    assert [item["number"] for item in first["items"] + second["items"]] == [1, 2, 3, 4, 5]
    assert (second["order"], second["next_cursor"]) == ("most", None)


async def test_what_was_understood_is_said(ask: Ask) -> None:
    body = await ask('peace "free and fair" speaker:"Ana Lind" from:2026 lang:xx')
    assert body["question"] == {
        "words": ["peace"],
        "phrases": ["free and fair"],
        "speakers": ["Ana Lind"],
        "places": [],
        "events": [],
        "languages": [],
        "since": "2026-01-01",
        "until": None,
        "captions": False,
        "ignored": [{"text": "lang:xx", "reason": "no-such-language"}],
    }


async def test_nothing_asked_is_nothing_found(ask: Ask, publish: Publish) -> None:
    await publish("NR-1")
    for typed in ("", "!!!", "lang:xx"):
        body = await ask(typed)
        assert (body["items"], body["summary"]) == ([], NOTHING)


@pytest.mark.parametrize("cursor", ["", "nonsense", "A" * 43, f"newest-de-{'A' * 43}"])
async def test_a_cursor_that_is_none_is_refused(client: httpx.AsyncClient, cursor: str) -> None:
    answer = await client.get("/v1/search", params={"q": "peace", "cursor": cursor})
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("cursor-refused")


async def test_a_correction_is_found_and_what_it_replaced_is_not(ask: Ask, publish: Publish) -> None:
    await publish("NR-1", said("The bridge bends seven."))
    await publish("NR-1", said("The bridge bends eleven.", location="Tirvane"))
    assert (await ask("bends seven"))["summary"] == NOTHING
    assert len((await ask("bends eleven place:tirvane"))["items"]) == 1


async def test_what_is_not_published_leaks_nowhere(ask: Ask, publish: Publish, database: Database) -> None:
    await publish("NR-1", said("The secret treaty."), dry_run=True)
    assert (await ask("secret treaty"))["summary"] == NOTHING
    await publish("NR-2", said("The secret treaty."))
    async with database.begin() as tx:
        video_id = await tx.sql.fetchval("UPDATE video SET status = 'withheld' RETURNING video_id")
        await index_video(tx, video_id)
    for typed in (
        "secret treaty",
        "secret",
        "speaker:holmqvar",
        "opens",
        "place:linden",
        "secret treat missing",
    ):
        for order in ("newest", "relevance"):
            body = await ask(typed, order=order)
            assert (body["items"], body["summary"], body["next_cursor"]) == ([], NOTHING, None)


async def test_what_the_last_release_published_is_caught_up_with(
    ask: Ask, publish: Publish, database: Database
) -> None:
    await publish("NR-1", said("The treaty holds."))
    await publish("NR-2", said("The treaty holds."))
    async with database.begin() as tx:
        await tx.sql.execute("DELETE FROM moment; DELETE FROM indexed_video")
    assert (await ask("treaty"))["items"] == []
    async with database.begin() as tx:
        # Two transcripts, and titles in three languages of each video.
        assert await index_stale_videos(tx, 10) == (2, 8)
        assert await index_stale_videos(tx, 10) == (0, 0)
    assert len((await ask("treaty"))["items"]) == 2


async def test_an_unchanged_transcript_is_not_indexed_again(publish: Publish, database: Database) -> None:
    await publish("NR-1", said("The treaty holds."))
    place = "SELECT ctid::text FROM moment WHERE number > 0"
    async with database.read() as sql:
        before = await sql.fetchval(place)
    await publish("NR-1", said("The treaty holds.", titles={"en": "Another title"}))
    async with database.read() as sql:
        assert await sql.fetchval(place) == before
    await publish("NR-1", said("The treaty holds.", recorded_at="2026-04-03", titles={"en": "Another title"}))
    async with database.read() as sql:
        assert await sql.fetchval(place) != before


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.text(max_size=80) | st.text(alphabet=" '\"\\:&|!()<->*abспeaker:fr", max_size=80))
@example(typed="'")
@example(typed="a \\' b \\")
@example(typed="a:* & !b | (c <-> d)")
@example(typed="one two three four five six seven eight nine ten eleven twelve thirteen")
@example(typed='"é ½ ﬁ ㎏ ℀"')
async def test_whatever_is_typed_is_answered(database: Database, typed: str) -> None:
    async with database.read() as sql:
        for order in ("newest", "relevance"):
            page = await search_moments(sql, typed=typed, limit=5, order=order)
            assert page.hits == ()


async def test_a_question_that_takes_too_long_is_stopped(databases: Databases) -> None:
    async with (
        databases.fresh("catalog") as postgres,
        Database.open(postgres, session=SESSION) as searched,
        searched.read() as sql,
    ):
        with pytest.raises(asyncpg.QueryCanceledError):
            await sql.execute("SELECT pg_sleep(10)")
