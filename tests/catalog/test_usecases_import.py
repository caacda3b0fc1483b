"""The import of folders, against a real database: rows, events, files, and what a refusal leaves."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from catalog.commands.import_videos import VideoImport
from catalog.domain.video import Rendition
from catalog.errors import ImportRefusedError
from catalog.outbound_media.folder import Folder
from catalog.representations.submission import read_manifest
from catalog.store.transcripts import find_transcript
from catalog.store.videos import find_by_reference
from catalog.usecases.plan_import import plan_import
from catalog.usecases.record_import import record_import
from newsreel_events import EventData
from newsreel_events.catalog import TranscriptPublishedV1, VideoPublishedV1, VideoRevisedV1
from newsreel_runtime.clock import now
from newsreel_runtime.database import Database

Submit = Callable[..., Path]
Opened = Callable[[str], Awaitable[Database]]


@pytest.fixture
async def database(service_database: Opened) -> Database:
    return await service_database("catalog")


@pytest.fixture
def importing(database: Database, media_root: Path) -> VideoImport:
    return VideoImport(database, Folder(media_root), dry_run=False)


async def bring_in(importing: VideoImport, folder: Path) -> bool:
    return await importing.run(folder, read_manifest((folder / "manifest.json").read_bytes()))


def files(root: Path) -> dict[str, bytes]:
    """The files below a folder by name."""
    return {path.name: path.read_bytes() for path in root.rglob("*.*")}


def contents(root: Path) -> dict[Path, bytes]:
    """The files below a folder by path."""
    return {path: path.read_bytes() for path in root.rglob("*.*") if path.is_file()}


def placed_as(root: Path, pattern: str) -> Path:
    (found,) = root.rglob(pattern)
    return found


def lengthy(manifest: dict[str, Any]) -> None:
    """A transcript of more than the bus takes."""
    (first, *_) = manifest["transcripts"][0]["segments"]
    manifest["transcripts"][0]["segments"] = [
        first | {"number": number, "text": "x" * 2000} for number in range(1, 4501)
    ]


async def events(database: Database) -> list[EventData]:
    """What is in the outbox, oldest first."""
    kinds: dict[str, type[EventData]] = {
        event.type: event for event in (VideoPublishedV1, VideoRevisedV1, TranscriptPublishedV1)
    }
    async with database.read() as connection:
        rows = await connection.fetch("SELECT type, payload FROM outbox ORDER BY seq")
    return [kinds[row["type"]].model_validate_json(row["payload"]) for row in rows]


async def test_a_new_video_is_published_with_its_transcripts(
    importing: VideoImport,
    database: Database,
    submit: Submit,
    media_root: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert await bring_in(importing, submit())
    assert "NR-2026-0900  new, version 1: 2 renditions, transcripts en, uk" in capsys.readouterr().out
    published, english, ukrainian = await events(database)
    assert isinstance(published, VideoPublishedV1)
    state = published.video
    assert (state.version, state.reference, state.transcript_languages) == (1, "NR-2026-0900", ("en", "uk"))
    assert [rendition.name for rendition in state.renditions] == ["broadcast-1080p", "web-720p"]
    assert state.shotlist[1].speaker == "Greta Holmqvar"
    assert isinstance(english, TranscriptPublishedV1)
    assert english.key == f"{state.video_id}:en"
    assert [segment.text for segment in english.segments] == [
        "How far does it bend?",
        "The drawings allow eleven.",
    ]
    assert isinstance(ukrainian, TranscriptPublishedV1)
    assert ukrainian.kind == "translation"
    assert {state.video_id.version, *(rendition.rendition_id.version for rendition in state.renditions)} == {
        7
    }
    for rendition in state.renditions:
        assert (
            media_root / str(rendition.rendition_id) / rendition.file
        ).stat().st_size == rendition.size_bytes
    poster = media_root / "posters" / str(state.video_id) / f"{state.poster_sha256}.jpg"
    assert poster.read_bytes() == b"poster"


async def test_the_same_again_says_so_and_emits_nothing(
    importing: VideoImport, database: Database, submit: Submit, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = submit()
    await bring_in(importing, folder)
    before = await events(database)
    assert await bring_in(importing, folder)
    assert "unchanged, version 1" in capsys.readouterr().out
    assert await events(database) == before


async def test_a_changed_text_is_a_revision_that_keeps_the_ids(
    importing: VideoImport, database: Database, submit: Submit
) -> None:
    await bring_in(importing, submit())
    await bring_in(importing, submit(edit=lambda manifest: manifest["titles"].update(en="Better")))
    first, *_, revised = await events(database)
    assert isinstance(first, VideoPublishedV1)
    assert isinstance(revised, VideoRevisedV1)
    assert (revised.video.version, revised.video.titles["en"]) == (2, "Better")
    assert revised.video.video_id == first.video.video_id
    assert revised.video.published_at == first.video.published_at
    assert revised.video.renditions == first.video.renditions


async def test_a_changed_transcript_is_published_again_and_no_other(
    importing: VideoImport, database: Database, submit: Submit
) -> None:
    def edit(manifest: dict[str, Any]) -> None:
        manifest["transcripts"][0]["segments"].pop()

    await bring_in(importing, submit())
    await bring_in(importing, submit(edit=edit))
    _, _, _, revised, english = await events(database)
    assert isinstance(revised, VideoRevisedV1)
    assert isinstance(english, TranscriptPublishedV1)
    assert (english.language, english.version, len(english.segments)) == ("en", 2, 1)
    async with database.read() as connection:
        kept = await find_transcript(connection, english.video_id, "en")
    assert kept is not None
    assert (kept[0], len(kept[1].segments)) == (2, 1)


async def test_other_bytes_get_another_id_and_the_old_file_stays(
    importing: VideoImport, database: Database, submit: Submit, media_root: Path
) -> None:
    await bring_in(importing, submit())
    await bring_in(importing, submit(web=b"other"))
    first, *_, revised = await events(database)
    assert isinstance(first, VideoPublishedV1)
    assert isinstance(revised, VideoRevisedV1)
    ids = [state.renditions[1].rendition_id for state in (first.video, revised.video)]
    assert ids[0] != ids[1]
    assert [(media_root / str(id_) / "web.mp4").read_bytes() for id_ in ids] == [b"web", b"other"]


def lengthen(folder: Path) -> None:
    (folder / "web.mp4").write_bytes(b"longer")


def alter(folder: Path) -> None:
    (folder / "poster.jpg").write_bytes(b"p0ster")


def remove(folder: Path) -> None:
    (folder / "broadcast.mp4").unlink()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lengthen, "renditions.2.size_bytes: web.mp4 has 6 bytes, the manifest says 3"),
        (alter, "poster.sha256: poster.jpg has"),
        (remove, "renditions.1.file: broadcast.mp4 is not in the folder"),
    ],
)
async def test_a_file_that_is_not_the_manifests_is_refused(
    database: Database,
    submit: Submit,
    media_root: Path,
    capsys: pytest.CaptureFixture[str],
    *,
    damage: Callable[[Path], None],
    said: str,
) -> None:
    folder = submit()
    damage(folder)
    assert not await bring_in(VideoImport(database, Folder(media_root), dry_run=False), folder)
    assert said in capsys.readouterr().err
    assert await events(database) == []
    assert files(media_root) == {}


async def test_a_published_transcript_that_is_missing_is_refused_and_kept(
    importing: VideoImport, database: Database, submit: Submit, capsys: pytest.CaptureFixture[str]
) -> None:
    await bring_in(importing, submit())
    assert not await bring_in(importing, submit(edit=lambda manifest: manifest["transcripts"].pop()))
    assert "transcripts: uk was published and is missing" in capsys.readouterr().err
    async with database.read() as connection:
        video = await find_by_reference(connection, "NR-2026-0900")
    assert video is not None
    assert (video.version, video.transcript_languages) == (1, ("en", "uk"))


@pytest.mark.parametrize("dry_run", [True, False])
async def test_what_the_bus_does_not_take_is_refused_and_leaves_nothing_behind(
    database: Database,
    submit: Submit,
    media_root: Path,
    capsys: pytest.CaptureFixture[str],
    *,
    dry_run: bool,
) -> None:
    """Trial B6: a dry run has the verdict of the import."""
    assert not await bring_in(
        VideoImport(database, Folder(media_root), dry_run=dry_run), submit(edit=lengthy)
    )
    assert "catalog.transcript.v1: the event of " in capsys.readouterr().err
    assert await events(database) == []
    async with database.read() as connection:
        assert await find_by_reference(connection, "NR-2026-0900") is None


async def test_a_hearing_of_five_hours_is_published(
    importing: VideoImport, database: Database, submit: Submit
) -> None:
    """Trial B6: 3,000 pieces of 600 letters in Cyrillic, 3.6 MB."""

    def edit(manifest: dict[str, Any]) -> None:
        manifest["duration_ms"] = 5 * 60 * 60 * 1000
        manifest["transcripts"][1]["segments"] = [
            manifest["transcripts"][1]["segments"][0]
            | {
                "number": number,
                "start_ms": number * 6000,
                "end_ms": number * 6000 + 5000,
                "text": "слово " * 99 + ".",
            }
            for number in range(1, 3000)
        ]

    assert await bring_in(importing, submit(edit=edit))
    *_, ukrainian = await events(database)
    assert isinstance(ukrainian, TranscriptPublishedV1)
    assert len(ukrainian.segments) == 2999


async def test_another_video_under_a_taken_reference_is_refused_unless_asked_for(
    importing: VideoImport,
    database: Database,
    submit: Submit,
    media_root: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Trial B10."""

    def edit(manifest: dict[str, Any]) -> None:
        manifest["titles"] = {"en": "A ferry sinks"}

    await bring_in(importing, submit())
    other = submit(edit=edit, web=b"ferry", broadcast=b"ferry of broadcast quality")
    for dry_run in (True, False):
        assert not await bring_in(VideoImport(database, Folder(media_root), dry_run=dry_run), other)
        said = capsys.readouterr().err
        assert "reference: NR-2026-0900 is “Bridge opens” of 2026-04-02, and this is “A ferry sinks”" in said
        assert "titles, rendition broadcast-1080p, rendition web-720p" in said
    assert await bring_in(VideoImport(database, Folder(media_root), dry_run=False, replace=True), other)
    assert "revised, version 2: titles, rendition broadcast-1080p" in capsys.readouterr().out


async def test_a_dry_run_says_what_would_change(
    importing: VideoImport,
    database: Database,
    submit: Submit,
    media_root: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Trial B10."""

    def edit(manifest: dict[str, Any]) -> None:
        manifest["titles"]["en"] = "Better"
        del manifest["restrictions"]
        manifest["transcripts"][0]["segments"].pop()

    await bring_in(importing, submit())
    capsys.readouterr()
    revision = submit(edit=edit, web=b"other", poster=b"other")
    assert await bring_in(VideoImport(database, Folder(media_root), dry_run=True), revision)
    assert (
        "would be revised, version 2: titles, restrictions, rendition web-720p, poster, transcript en"
        in capsys.readouterr().out
    )
    assert len(await events(database)) == 3


@pytest.mark.parametrize("known", [False, True], ids=["both new", "both revised"])
async def test_of_two_imports_at_once_the_later_is_refused(
    importing: VideoImport, database: Database, submit: Submit, known: bool
) -> None:
    if known:
        await bring_in(importing, submit())
    folders = [submit(edit=lambda manifest, at=at: manifest["titles"].update(en=at)) for at in ("A", "B")]
    async with database.read() as connection:
        first, second = [
            await plan_import(connection, read_manifest((folder / "manifest.json").read_bytes()))
            for folder in folders
        ]
    async with database.begin() as tx:
        await record_import(tx, first, now())
    with pytest.raises(ImportRefusedError, match="import it again"):
        async with database.begin() as tx:
            await record_import(tx, second, now())
    async with database.read() as connection:
        video = await find_by_reference(connection, "NR-2026-0900")
    assert video is not None
    assert video.details.titles["en"] == "A"


async def test_what_is_stored_is_what_was_submitted(
    importing: VideoImport, database: Database, submit: Submit
) -> None:
    folder = submit()
    await bring_in(importing, folder)
    submission = read_manifest((folder / "manifest.json").read_bytes())
    async with database.read() as connection:
        video = await find_by_reference(connection, "NR-2026-0900")
        assert video is not None
        english = await find_transcript(connection, video.video_id, "en")
    assert video.details == submission.details
    ids = [rendition.rendition_id for rendition in video.renditions]
    assert list(video.renditions) == [
        Rendition(**vars(media), rendition_id=rendition_id)
        for media, rendition_id in zip(submission.media, ids, strict=True)
    ]
    assert english == (1, submission.transcripts[0])


async def test_a_dry_run_writes_nothing(
    database: Database, submit: Submit, media_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await bring_in(VideoImport(database, Folder(media_root), dry_run=True), submit())
    assert "would be new, version 1" in capsys.readouterr().out
    assert await events(database) == []
    assert files(media_root) == {}
