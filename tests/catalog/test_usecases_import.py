"""The import of folders, against a real database: rows, events, files, and what a refusal leaves."""

import hashlib
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from catalog.commands.import_videos import VideoImport, import_folder
from catalog.domain.revision import decide
from catalog.domain.video import Rendition
from catalog.errors import ImportRefusedError
from catalog.outbound_media import missing_files, place_files, verify_files
from catalog.representations.submission import read_manifest
from catalog.store.transcripts import find_transcript
from catalog.store.videos import find_by_reference
from catalog.usecases.plan_import import plan_import
from catalog.usecases.record_import import record_import
from newsreel_events import EventData
from newsreel_events.catalog import TranscriptPublishedV1, VideoPublishedV1, VideoRevisedV1
from newsreel_runtime.clock import now
from newsreel_runtime.database import Database
from newsreel_runtime.ids import new_id
from newsreel_runtime.settings import Postgres

Submit = Callable[..., Path]
Opened = Callable[[str], Awaitable[Database]]


@pytest.fixture
async def database(service_database: Opened) -> Database:
    return await service_database("catalog")


@pytest.fixture
def importing(database: Database, media_root: Path) -> VideoImport:
    return VideoImport(database, media_root, dry_run=False)


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
        one.type: one for one in (VideoPublishedV1, VideoRevisedV1, TranscriptPublishedV1)
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
    assert [(media_root / str(one) / "web.mp4").read_bytes() for one in ids] == [b"web", b"other"]


async def test_a_file_that_went_missing_is_brought_back(
    importing: VideoImport, submit: Submit, media_root: Path
) -> None:
    folder = submit()
    await bring_in(importing, folder)
    shutil.rmtree(media_root)
    await bring_in(importing, folder)
    assert files(media_root).keys() >= {"broadcast.mp4", "web.mp4"}


async def test_a_link_within_the_folder_is_followed(
    importing: VideoImport, submit: Submit, media_root: Path
) -> None:
    folder = submit()
    (folder / "web.mp4").rename(folder / "archived.mp4")
    (folder / "web.mp4").symlink_to("archived.mp4")
    assert await bring_in(importing, folder)
    assert files(media_root)["web.mp4"] == b"web"


def link_out(path: Path, elsewhere: Path) -> None:
    path.symlink_to(elsewhere)


def link_up(path: Path, elsewhere: Path) -> None:
    path.symlink_to(Path("..") / elsewhere.parent.name / elsewhere.name)


def link_in_circles(path: Path, _: Path) -> None:
    path.symlink_to(path.name)


@pytest.mark.parametrize("file", ["poster.jpg", "web.mp4", "broadcast.mp4"])
@pytest.mark.parametrize("link", [link_out, link_up, link_in_circles])
async def test_a_link_that_leads_out_of_the_folder_is_refused(
    database: Database,
    submit: Submit,
    media_root: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    *,
    file: str,
    link: Callable[[Path, Path], None],
) -> None:
    """Trial B3: what lies elsewhere is neither measured nor published."""
    folder = submit()
    elsewhere = tmp_path / "secret" / file
    elsewhere.parent.mkdir()
    (folder / file).rename(elsewhere)
    link(folder / file, elsewhere)
    assert not await bring_in(VideoImport(database, media_root, dry_run=False), folder)
    said = capsys.readouterr().err
    assert "of the folder" in said or "not in the folder" in said
    assert hashlib.sha256(elsewhere.read_bytes()).hexdigest() not in said
    assert (await events(database), files(media_root)) == ([], {})


async def test_a_manifest_that_is_a_link_to_elsewhere_is_refused(
    submit: Submit, media_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = submit()
    (folder / "manifest.json").rename(tmp_path / "secret.json")
    (folder / "manifest.json").symlink_to(tmp_path / "secret.json")
    nowhere = Postgres(host="127.0.0.1", port=1, database="-", user="-", password=SecretStr("-"))
    assert await import_folder(nowhere, media_root, folder, dry_run=False) == 1
    assert "manifest: manifest.json leads out of the folder" in capsys.readouterr().err


@pytest.mark.parametrize("file", ["web.mp4", "poster.jpg"])
async def test_published_bytes_stay_when_the_submitted_file_is_written_over(
    importing: VideoImport, submit: Submit, media_root: Path, file: str
) -> None:
    """Trial B2: the same length, other bytes, in place."""
    folder = submit()
    await bring_in(importing, folder)
    before = contents(media_root)
    with (folder / file).open("r+b") as opened:
        opened.write(b"XX")
    assert contents(media_root) == before


@pytest.mark.parametrize("file", ["broadcast.mp4", "web.mp4", "*.jpg"])
async def test_an_import_of_the_right_file_mends_wrong_bytes_of_its_size(
    importing: VideoImport,
    database: Database,
    submit: Submit,
    media_root: Path,
    capsys: pytest.CaptureFixture[str],
    *,
    file: str,
) -> None:
    """Trial B2: equal size is not equal bytes."""
    folder = submit()
    await bring_in(importing, folder)
    before = contents(media_root)
    placed = placed_as(media_root, file)
    size = placed.stat().st_size
    placed.unlink()
    placed.write_bytes(b"?" * size)
    assert await bring_in(VideoImport(database, media_root, dry_run=True), folder)
    assert "would be unchanged, version 1, files put right" in capsys.readouterr().out
    assert await bring_in(importing, folder)
    assert "unchanged, version 1, files put right: " in capsys.readouterr().out
    assert contents(media_root) == before


async def test_a_file_that_is_the_working_file_by_another_name_becomes_a_copy(
    importing: VideoImport, submit: Submit, media_root: Path
) -> None:
    """Earlier imports made hard links."""
    folder = submit()
    await bring_in(importing, folder)
    placed = placed_as(media_root, "web.mp4")
    placed.unlink()
    placed.hardlink_to(folder / "web.mp4")
    await bring_in(importing, folder)
    (folder / "web.mp4").write_bytes(b"XXX")
    assert placed.read_bytes() == b"web"


async def test_a_file_that_changes_after_it_was_verified_is_refused(submit: Submit, media_root: Path) -> None:
    folder = submit()
    submission = read_manifest((folder / "manifest.json").read_bytes())
    plan = decide(submission, None, new_id)
    verify_files(folder, submission)
    (folder / "web.mp4").write_bytes(b"XXX")
    with pytest.raises(ImportRefusedError, match=r"web\.mp4 was changed"):
        place_files(folder, missing_files(media_root, plan))
    assert "web.mp4" not in files(media_root)


async def test_a_corrected_file_name_keeps_the_id_of_its_bytes(
    importing: VideoImport, database: Database, submit: Submit, media_root: Path
) -> None:
    """Trial B19."""

    def rename(manifest: dict[str, Any]) -> None:
        manifest["renditions"][1]["file"] = "presser.mp4"

    await bring_in(importing, submit())
    folder = submit(edit=rename)
    (folder / "web.mp4").rename(folder / "presser.mp4")
    assert await bring_in(importing, folder)
    first, *_, revised = await events(database)
    assert isinstance(first, VideoPublishedV1)
    assert isinstance(revised, VideoRevisedV1)
    (old, new) = (state.renditions[1] for state in (first.video, revised.video))
    assert (new.file, new.rendition_id) == ("presser.mp4", old.rendition_id)
    assert {path.name for path in (media_root / str(new.rendition_id)).iterdir()} == {
        "web.mp4",
        "presser.mp4",
    }


async def test_a_refused_revision_changes_nothing_that_is_public(
    importing: VideoImport, database: Database, submit: Submit, media_root: Path
) -> None:
    """Trial B5: a new poster, and a transcript that the bus does not take."""
    await bring_in(importing, submit())
    (state,) = (event.video for event in await events(database) if isinstance(event, VideoPublishedV1))
    before = contents(media_root)
    folder = submit(edit=lengthy, poster=b"another poster")
    assert not await bring_in(importing, folder)
    assert contents(media_root).items() >= before.items()
    assert len(await events(database)) == 3
    (poster,) = (media_root / "posters" / str(state.video_id)).glob(f"{state.poster_sha256}.jpg")
    assert poster.read_bytes() == b"poster"


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
    assert not await bring_in(VideoImport(database, media_root, dry_run=False), folder)
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
    assert not await bring_in(VideoImport(database, media_root, dry_run=dry_run), submit(edit=lengthy))
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
        assert not await bring_in(VideoImport(database, media_root, dry_run=dry_run), other)
        said = capsys.readouterr().err
        assert "reference: NR-2026-0900 is “Bridge opens” of 2026-04-02, and this is “A ferry sinks”" in said
        assert "titles, rendition broadcast-1080p, rendition web-720p" in said
    assert await bring_in(VideoImport(database, media_root, dry_run=False, replace=True), other)
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
    assert await bring_in(VideoImport(database, media_root, dry_run=True), revision)
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
    assert await bring_in(VideoImport(database, media_root, dry_run=True), submit())
    assert "would be new, version 1" in capsys.readouterr().out
    assert await events(database) == []
    assert files(media_root) == {}
