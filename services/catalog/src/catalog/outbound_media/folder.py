"""A folder of published files: `<rendition id>/<file>` and `posters/<video id>/<sha256>.jpg`.

Each is a copy: whatever happens to the file that was submitted, published bytes stay.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from catalog.domain.media_place import Place, Placement
from catalog.errors import file_changed

_CLONE = 0x40049409  # FICLONE, ioctl_ficlone(2): a copy that shares the blocks until one of them is written
_CHUNK = 1024 * 1024
_PARTIAL = ".partial"


@dataclass(frozen=True)
class Folder:
    """See `MediaStore`; keys are paths below `root`."""

    root: Path

    def key_of(self, place: Place) -> str:
        return place.path

    def holds(self, wanted: Placement) -> bool:
        """Whether these bytes are there, in a file that nobody else can write to by another name."""
        target = self.root / wanted.place.path
        if target.is_symlink() or not target.is_file():
            return False
        found = target.stat()
        same = (found.st_size, found.st_nlink) == (wanted.stored.size_bytes, 1)
        return same and digest(target) == wanted.stored.sha256

    def put(self, wanted: Placement, source: BinaryIO) -> None:
        """See `MediaStore`; a file with other bytes is replaced, since somebody wrote into the folder."""
        target = self.root / wanted.place.path
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{target.name}.{os.getpid()}{_PARTIAL}")
        try:
            with partial.open("wb") as copy:
                _copy(source, copy)
            if digest(partial) != wanted.stored.sha256:
                raise file_changed(wanted.stored.file)
            partial.chmod(0o444)
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)

    def keys(self) -> Iterator[str]:
        for path in self._files():
            if not _is_partial(path):
                yield str(path.relative_to(self.root))

    def remove(self, key: str) -> None:
        path = self.root / key
        path.unlink(missing_ok=True)
        with suppress(OSError):  # another file is in it
            path.parent.rmdir()

    def discard_unfinished(self, before: datetime) -> int:
        found = [path for path in self._files() if _is_partial(path)]
        left = [path for path in found if datetime.fromtimestamp(path.stat().st_mtime, UTC) < before]
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)

    def _files(self) -> Iterator[Path]:
        """What imports put here: renditions in a folder each, posters one deeper."""
        for pattern in ("*/*", "posters/*/*"):
            yield from (path for path in self.root.glob(pattern) if path.is_symlink() or path.is_file())


def digest(path: Path) -> str:
    """The file's sha256, hexadecimal."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _is_partial(path: Path) -> bool:
    return path.name.startswith(".") and path.name.endswith(_PARTIAL)


def _copy(source: BinaryIO, copy: BinaryIO) -> None:
    try:
        fcntl.ioctl(copy, _CLONE, source.fileno())
    except OSError:
        shutil.copyfileobj(source, copy, _CHUNK)
    copy.flush()
    os.fsync(copy.fileno())
