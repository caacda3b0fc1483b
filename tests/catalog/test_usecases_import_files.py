"""The files of an import: where they may lie, and which bytes stay public."""

import hashlib
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from catalog.commands.import_videos import VideoImport, import_folder
from catalog.domain.revision import decide
from catalog.errors import ImportRefusedError
from catalog.outbound_media.folder import Folder
from catalog.outbound_media.submitted import missing_files, place_files, verify_files
from catalog.representations.submission import read_manifest
from newsreel_events import EventData
from newsreel_events.catalog import TranscriptPublishedV1, VideoPublishedV1, VideoRevisedV1
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
    assert not await bring_in(VideoImport(database, Folder(media_root), dry_run=False), folder)
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
    assert await import_folder(nowhere, Folder(media_root), folder, dry_run=False) == 1
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
    assert await bring_in(VideoImport(database, Folder(media_root), dry_run=True), folder)
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
    store = Folder(media_root)
    missing = missing_files(store, plan)
    with pytest.raises(ImportRefusedError, match=r"web\.mp4 was changed"):
        place_files(store, folder, missing)
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
