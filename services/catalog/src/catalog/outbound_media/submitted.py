"""The files that the press office hands in: verified where they lie, and brought into the store."""

from collections.abc import Iterable
from pathlib import Path

from catalog.domain.media_place import Placement, placements
from catalog.domain.revision import Plan, Submission
from catalog.domain.video import StoredFile
from catalog.errors import ImportRefusedError
from catalog.outbound_media.folder import digest
from catalog.outbound_media.media_store import MediaStore


def inside(folder: Path, file: str, field: str) -> Path:
    """The file of that name, its links followed. Raises `ImportRefusedError` unless it is in the folder."""
    try:
        path = (folder / file).resolve(strict=True)
        if not path.is_relative_to(folder.resolve()):
            raise ImportRefusedError(f"{field}: {file} leads out of the folder")
        if path.is_file():
            return path
    except (OSError, RuntimeError):  # a chain of links that never ends is a RuntimeError
        pass
    raise ImportRefusedError(f"{field}: {file} is not in the folder")


def verify_files(folder: Path, submission: Submission) -> None:
    """Compare every file's size and sha256 with the manifest's. Raises `ImportRefusedError`."""
    _verify(folder, "poster", submission.poster)
    for number, media in enumerate(submission.media, 1):
        _verify(folder, f"renditions.{number}", media)


def missing_files(store: MediaStore, plan: Plan) -> list[Placement]:
    """Which of the plan's files are not in the store, or there with other bytes."""
    return [wanted for wanted in placements(plan) if not store.holds(wanted)]


def place_files(store: MediaStore, folder: Path, wanted: Iterable[Placement]) -> None:
    """Bring files into the store, before anybody hears of them; when nobody does, they lie unused.

    Raises `ImportRefusedError` when a file changed since it was verified, `OSError` when the store fails.
    """
    for each in wanted:
        with inside(folder, each.stored.file, "file").open("rb") as source:
            store.put(each, source)


def _verify(folder: Path, field: str, expected: StoredFile) -> None:
    path = inside(folder, expected.file, f"{field}.file")
    try:
        size, found = path.stat().st_size, digest(path)
    except OSError as error:
        raise ImportRefusedError(f"{field}.file: {expected.file} cannot be read: {error.strerror}") from None
    if size != expected.size_bytes:
        raise ImportRefusedError(
            f"{field}.size_bytes: {expected.file} has {size} bytes, the manifest says {expected.size_bytes}"
        )
    if found != expected.sha256:
        raise ImportRefusedError(f"{field}.sha256: {expected.file} has {found}, the manifest says otherwise")
