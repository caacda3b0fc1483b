"""What happened when: the event log of a run, in a file and on the terminal."""

import json
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path


class ViolationError(Exception):
    """Something that must not be was found; the run is over."""


class Journal:
    """Counts the kills and keeps a line an event."""

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        self.path = folder / "events.log"
        self._say = say
        self._began = time.monotonic()
        self.kills: Counter[str] = Counter()  # processes that got SIGKILL, by kind
        self.points: Counter[str] = Counter()  # of them, those that died at a fail point
        self.faults: Counter[str] = Counter()  # connections cut, delayed, silent
        self.schedule: list[str] = []

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.monotonic() - self._began

    def note(self, text: str) -> None:
        """An event for the log."""
        with self.path.open("a") as log:
            log.write(f"{self.seconds:9.3f} {text}\n")

    def killed(self, kind: str, name: str, point: str | None = None) -> None:
        """One process died as it should."""
        self.kills[kind] += 1
        if point is not None:
            self.points[point] += 1
        self.note(f"{name} is dead, at {point}" if point else f"{name} is dead")

    def keep(self, name: str, what: object) -> None:
        """A file of its own beside the log, as JSON."""
        path = self.path.with_name(f"{name}.json")
        path.write_text(json.dumps(what, indent=1))
        self.note(f"more in {path}")

    def say(self, text: str) -> None:
        """A line for the terminal, and for the log."""
        self.note(text)
        self._say(f"{self.seconds:7.1f} s  {text}")

    def last(self, lines: int = 60) -> list[str]:
        """The end of the log."""
        return self.path.read_text().splitlines()[-lines:]
