"""Logs as they were written, whatever is rotated away meanwhile."""

import os
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import IO, Self

_EVERY = 0.5  # seconds; the local stack rotates every ten


class KeptLogs:
    """Follows `*.log` of a folder into a folder of its own, from the beginning of the block to its end.

    What could not be followed is raised at the end, so that no log is taken for searched that was not.
    """

    def __init__(self, folder: Path, kept: Path) -> None:
        kept.mkdir(parents=True)
        self._folder, self._kept = folder, kept
        self._open: dict[Path, IO[bytes]] = {}
        self._ended = Event()
        self._failure: Exception | None = None
        self._thread = Thread(target=self._follow, name="kept-logs", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()
        if self._failure is not None:
            raise self._failure
        self.take()
        for file in self._open.values():
            file.close()

    def take(self) -> None:
        """Copy what is new; within the block its thread does so."""
        for path in self._folder.glob("*.log"):
            file = self._open.get(path)
            if file is None:
                file = self._open[path] = path.open("rb")
            self._copy(path, file)

    def _copy(self, path: Path, file: IO[bytes]) -> None:
        before, known = file.tell(), os.fstat(file.fileno())
        if not path.exists():  # moved away, and not made anew yet
            self._keep(path, file.read())
            return
        if known.st_ino != path.stat().st_ino:
            self._keep(path, file.read())
            file.close()
            self._open[path] = path.open("rb")
            self._copy(path, self._open[path])
            return
        if known.st_size < before:  # copied away and emptied
            with path.with_suffix(".log.1").open("rb") as older:
                older.seek(before)
                self._keep(path, older.read())
            file.seek(0)
        self._keep(path, file.read())

    def _keep(self, path: Path, content: bytes) -> None:
        with (self._kept / path.name).open("ab") as kept:
            kept.write(content)

    def _follow(self) -> None:
        try:
            while not self._ended.wait(_EVERY):
                self.take()
        except Exception as error:  # noqa: BLE001 (it is raised again where the block ends)
            self._failure = error
