"""The folder of media files: `<rendition id>/<file>` and `posters/<video id>.jpg`, whole or absent."""

import hashlib
import os
import shutil
from pathlib import Path
from uuid import UUID

from catalog.domain.revision import Plan
from catalog.domain.video import StoredFile
from catalog.errors import ImportRefusedError


def verify_file(folder: Path, field: str, expected: StoredFile) -> None:
    """Compare a submitted file with what the manifest says of it. Raises `ImportRefusedError`."""
    path = folder / expected.file
    if not path.is_file():
        raise ImportRefusedError(f"{field}.file: {expected.file} is not in the folder")
    size = path.stat().st_size
    if size != expected.size_bytes:
        raise ImportRefusedError(
            f"{field}.size_bytes: {expected.file} has {size} bytes, the manifest says {expected.size_bytes}"
        )
    with path.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    if digest != expected.sha256:
        raise ImportRefusedError(f"{field}.sha256: {expected.file} has {digest}, the manifest says otherwise")


def place_files(root: Path, folder: Path, plan: Plan) -> None:
    """Bring the plan's files into the media folder, before anybody hears of them.

    What is there already stays. Raises `OSError` when the folder cannot be written.
    """
    for rendition in plan.renditions:
        stored = rendition.media.stored
        target = root / str(rendition.rendition_id) / stored.file
        if not (target.is_file() and target.stat().st_size == stored.size_bytes):
            _place(folder / stored.file, target)
    _place(folder / plan.submission.poster.file, poster_path(root, plan.video_id))


def poster_path(root: Path, video_id: UUID) -> Path:
    """Where a video's poster is."""
    return root / "posters" / f"{video_id}.jpg"


def _place(source: Path, target: Path) -> None:
    """A hard link where the file system gives one, else a copy; a reader sees the whole file or none."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    partial.unlink(missing_ok=True)
    try:
        try:
            partial.hardlink_to(source.resolve())
        except OSError:
            shutil.copyfile(source, partial)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
