"""The import of folders, against a real database: rows, events, files, and what a refusal leaves."""

import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from catalog.commands.importing import Importing
from catalog.domain.revision import decide
from catalog.errors import ImportRefusedError
from catalog.representations.submission import read_manifest
from catalog.store.transcripts import find_transcript
from catalog.store.videos import find_by_reference
from catalog.usecases.place_media import place_media
from catalog.usecases.plan_import import plan_import
from catalog.usecases.record_import import record_import
from newsreel_events import EventData
from newsreel_events.catalog import TranscriptPublishedV1, VideoPublishedV1, VideoRevisedV1
from newsreel_runtime.clock import now
from newsreel_runtime.database import Database
from newsreel_runtime.ids import new_id

Submit = Callable[..., Path]
Opened = Callable[[str], Awaitable[Database]]


@pytest.fixture
async def database(service_database: Opened) -> Database:
    return await service_database("catalog")


@pytest.fixture
def importing(database: Database, media_root: Path) -> Importing:
    return Importing(database, media_root, dry_run=False)


async def bring_in(importing: Importing, folder: Path) -> bool:
    return await importing.import_video(folder, read_manifest((folder / "manifest.json").read_bytes()))


def files(root: Path) -> dict[str, bytes]:
    """The files below a folder by name."""
    return {path.name: path.read_bytes() for path in root.rglob("*.*")}


async def events(database: Database) -> list[EventData]:
    """What is in the outbox, oldest first."""
    kinds: dict[str, type[EventData]] = {
        one.type: one for one in (VideoPublishedV1, VideoRevisedV1, TranscriptPublishedV1)
    }
    async with database.read() as connection:
        rows = await connection.fetch("SELECT type, payload FROM outbox ORDER BY seq")
    return [kinds[row["type"]].model_validate_json(row["payload"]) for row in rows]


async def test_a_new_video_is_published_with_its_transcripts(
    importing: Importing,
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
    assert [one.name for one in state.renditions] == ["broadcast-1080p", "web-720p"]
    assert state.shotlist[1].speaker == "Greta Holmqvar"
    assert isinstance(english, TranscriptPublishedV1)
    assert english.key == f"{state.video_id}:en"
    assert [one.text for one in english.segments] == ["How far does it bend?", "The drawings allow eleven."]
    assert isinstance(ukrainian, TranscriptPublishedV1)
    assert ukrainian.kind == "translation"
    assert {state.video_id.version, *(one.rendition_id.version for one in state.renditions)} == {7}
    for rendition in state.renditions:
        assert (
            media_root / str(rendition.rendition_id) / rendition.file
        ).stat().st_size == rendition.size_bytes
    assert (media_root / "posters" / f"{state.video_id}.jpg").read_bytes() == b"poster"


async def test_the_same_again_says_so_and_emits_nothing(
    importing: Importing, database: Database, submit: Submit, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = submit()
    await bring_in(importing, folder)
    before = await events(database)
    assert await bring_in(importing, folder)
    assert "unchanged, version 1" in capsys.readouterr().out
    assert await events(database) == before


async def test_a_changed_text_is_a_revision_that_keeps_the_ids(
    importing: Importing, database: Database, submit: Submit
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
    importing: Importing, database: Database, submit: Submit
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
    importing: Importing, database: Database, submit: Submit, media_root: Path
) -> None:
    await bring_in(importing, submit())
    await bring_in(importing, submit(web=b"other"))
    first, *_, revised = await events(database)
    assert isinstance(first, VideoPublishedV1)
    assert isinstance(revised, VideoRevisedV1)
    ids = [state.renditions[1].rendition_id for state in (first.video, revised.video)]
    assert ids[0] != ids[1]
    assert [(media_root / str(one) / "web.mp4").read_bytes() for one in ids] == [b"web", b"other"]


async def test_a_file_that_went_missing_is_brought_back(
    importing: Importing, submit: Submit, media_root: Path
) -> None:
    folder = submit()
    await bring_in(importing, folder)
    shutil.rmtree(media_root)
    await bring_in(importing, folder)
    assert files(media_root).keys() >= {"broadcast.mp4", "web.mp4"}


async def test_a_source_that_is_a_link_is_followed(
    importing: Importing, submit: Submit, media_root: Path, tmp_path: Path
) -> None:
    folder = submit()
    (folder / "web.mp4").rename(tmp_path / "archived.mp4")
    (folder / "web.mp4").symlink_to(tmp_path / "archived.mp4")
    assert await bring_in(importing, folder)
    shutil.rmtree(folder)
    (tmp_path / "archived.mp4").unlink()
    assert files(media_root)["web.mp4"] == b"web"


def test_a_copy_is_made_where_no_link_can_be(submit: Submit, media_root: Path) -> None:
    """A source on another file system than the media folder."""
    other = Path("/dev/shm")  # noqa: S108 (a file system of its own on Linux)
    if not other.is_dir() or other.stat().st_dev == media_root.parent.stat().st_dev:
        pytest.skip("this machine has one file system")
    with TemporaryDirectory(dir=other) as elsewhere:
        folder = submit(into=Path(elsewhere))
        submission = read_manifest((folder / "manifest.json").read_bytes())
        place_media(media_root, folder, decide(submission, None, new_id))
    assert files(media_root).keys() >= {"broadcast.mp4", "web.mp4"}


def lengthen(folder: Path) -> None:
    (folder / "web.mp4").write_bytes(b"longer")


def alter(folder: Path) -> None:
    (folder / "poster.jpg").write_bytes(b"p0ster")


def remove(folder: Path) -> None:
    (folder / "broadcast.mp4").unlink()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lengthen, "renditions.1.size_bytes: web.mp4 has 6 bytes, the manifest says 3"),
        (alter, "poster.sha256: poster.jpg has"),
        (remove, "renditions.0.file: broadcast.mp4 is not in the folder"),
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
    assert not await bring_in(Importing(database, media_root, dry_run=False), folder)
    assert said in capsys.readouterr().err
    assert await events(database) == []
    assert files(media_root) == {}


async def test_a_published_transcript_that_is_missing_is_refused_and_kept(
    importing: Importing, database: Database, submit: Submit, capsys: pytest.CaptureFixture[str]
) -> None:
    await bring_in(importing, submit())
    assert not await bring_in(importing, submit(edit=lambda manifest: manifest["transcripts"].pop()))
    assert "transcripts: uk was published and is missing" in capsys.readouterr().err
    async with database.read() as connection:
        video = await find_by_reference(connection, "NR-2026-0900")
    assert video is not None
    assert (video.version, video.transcript_languages) == (1, ("en", "uk"))


async def test_a_transcript_that_the_bus_does_not_take_leaves_nothing_behind(
    importing: Importing, database: Database, submit: Submit, capsys: pytest.CaptureFixture[str]
) -> None:
    def edit(manifest: dict[str, Any]) -> None:
        (first, *_) = manifest["transcripts"][0]["segments"]
        manifest["transcripts"][0]["segments"] = [
            first | {"number": number, "text": "x" * 2000} for number in range(1, 501)
        ]

    assert not await bring_in(importing, submit(edit=edit))
    assert "catalog.transcript.v1" in capsys.readouterr().err
    assert await events(database) == []
    async with database.read() as connection:
        assert await find_by_reference(connection, "NR-2026-0900") is None


@pytest.mark.parametrize("known", [False, True], ids=["both new", "both revised"])
async def test_of_two_imports_at_once_the_later_is_refused(
    importing: Importing, database: Database, submit: Submit, known: bool
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
    importing: Importing, database: Database, submit: Submit
) -> None:
    folder = submit()
    await bring_in(importing, folder)
    submission = read_manifest((folder / "manifest.json").read_bytes())
    async with database.read() as connection:
        video = await find_by_reference(connection, "NR-2026-0900")
        assert video is not None
        english = await find_transcript(connection, video.video_id, "en")
    assert video.details == submission.details
    assert [one.media for one in video.renditions] == list(submission.media)
    assert english == (1, submission.transcripts[0])


async def test_a_dry_run_writes_nothing(
    database: Database, submit: Submit, media_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await bring_in(Importing(database, media_root, dry_run=True), submit())
    assert "would be new, version 1" in capsys.readouterr().out
    assert await events(database) == []
    assert files(media_root) == {}
