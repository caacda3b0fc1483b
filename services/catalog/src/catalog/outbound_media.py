"""The folder of media files: `<rendition id>/<file>` and `posters/<video id>/<sha256>.jpg`, whole or absent.

Each is a copy: whatever happens to the file that was submitted, published bytes stay.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, TypeAlias

from catalog.domain.revision import Plan, Submission
from catalog.domain.video import StoredFile
from catalog.errors import ImportRefusedError

Placement: TypeAlias = tuple[Path, StoredFile]

_CLONE = 0x40049409  # FICLONE, ioctl_ficlone(2): a copy that shares the blocks until one of them is written
_CHUNK = 1024 * 1024


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


def missing_files(root: Path, plan: Plan) -> list[Placement]:
    """Which of the plan's files are not in the media folder, or with other bytes, each with its place."""
    poster = plan.submission.poster
    wanted: list[Placement] = [
        (root / str(rendition.rendition_id) / rendition.file, rendition) for rendition in plan.renditions
    ]
    wanted.append((root / "posters" / str(plan.video_id) / f"{poster.sha256}.jpg", poster))
    return [(target, stored) for target, stored in wanted if not _is_placed(target, stored)]


def place_files(folder: Path, placements: Iterable[Placement]) -> None:
    """Copy files into the media folder, before anybody hears of them; when nobody does, they lie unused.

    Raises `ImportRefusedError` when a file changed since it was verified, `OSError` when the media folder
    cannot be written.
    """
    for target, stored in placements:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
        try:
            with inside(folder, stored.file, "file").open("rb") as source, partial.open("wb") as copy:
                _copy(source, copy)
            if _digest(partial) != stored.sha256:
                raise ImportRefusedError(
                    f"file: {stored.file} was changed during the import; import it again"
                )
            partial.chmod(0o444)
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)


def _verify(folder: Path, field: str, expected: StoredFile) -> None:
    path = inside(folder, expected.file, f"{field}.file")
    try:
        size, digest = path.stat().st_size, _digest(path)
    except OSError as error:
        raise ImportRefusedError(f"{field}.file: {expected.file} cannot be read: {error.strerror}") from None
    if size != expected.size_bytes:
        raise ImportRefusedError(
            f"{field}.size_bytes: {expected.file} has {size} bytes, the manifest says {expected.size_bytes}"
        )
    if digest != expected.sha256:
        raise ImportRefusedError(f"{field}.sha256: {expected.file} has {digest}, the manifest says otherwise")


def _is_placed(target: Path, stored: StoredFile) -> bool:
    """Whether these bytes are there, in a file that nobody else can write to by another name."""
    if target.is_symlink() or not target.is_file():
        return False
    found = target.stat()
    return (found.st_size, found.st_nlink) == (stored.size_bytes, 1) and _digest(target) == stored.sha256


def _copy(source: BinaryIO, copy: BinaryIO) -> None:
    try:
        fcntl.ioctl(copy, _CLONE, source.fileno())
    except OSError:
        shutil.copyfileobj(source, copy, _CHUNK)
    copy.flush()
    os.fsync(copy.fileno())


def _digest(path: Path) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
