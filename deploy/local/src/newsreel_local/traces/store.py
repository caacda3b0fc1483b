"""Spans on disk, as JSON lines in files of a bounded size and number; the newest of them in memory."""

import json
from collections import deque
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from newsreel_local.traces.spans import Link, Span

_FILE_BYTES = 20_000_000
_FILES = 10
_IN_MEMORY = 50_000


def _load(line: bytes) -> Span | None:
    try:
        stored = json.loads(line)
    except ValueError:  # the last line of a file, when the process was killed while it wrote
        return None
    return Span(**stored | {"links": tuple(Link(**link) for link in stored["links"])})


class SpanStore:
    """The spans in `folder`, at most 200 MB of them."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._spans: deque[Span] = deque(maxlen=_IN_MEMORY)
        for path in self._files()[-2:]:
            with path.open("rb") as file:
                self._spans.extend(span for span in map(_load, file) if span is not None)

    def add(self, spans: Iterable[Span]) -> None:
        """Keep finished spans; they are in their file when this returns."""
        new = list(spans)
        self._spans.extend(new)
        with self._writable().open("a") as file:
            file.writelines(json.dumps(asdict(span), separators=(",", ":")) + "\n" for span in new)

    def recent(self) -> list[Span]:
        """The newest 50,000 spans, in the order in which they came."""
        return list(self._spans)

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("*.jsonl"))

    def _writable(self) -> Path:
        files = self._files()
        if files and files[-1].stat().st_size < _FILE_BYTES:
            return files[-1]
        for old in files[: max(0, len(files) - _FILES + 1)]:
            old.unlink()
        number = int(files[-1].stem) + 1 if files else 1
        return self._folder / f"{number:08}.jsonl"
