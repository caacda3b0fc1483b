"""What the parts of a manifest must be to each other. A rule yields `field: what to mend`, a line each."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from catalog.representations.manifest import Manifest


class _Timed(Protocol):
    @property
    def number(self) -> int: ...

    @property
    def start_ms(self) -> int: ...

    @property
    def end_ms(self) -> int: ...

    @property
    def speaker(self) -> str | None: ...


def broken_rules(manifest: Manifest) -> list[str]:
    """Every rule that the manifest breaks; empty when it is good."""
    return [
        *_unique("people.name", (person.name for person in manifest.people)),
        *_unique("spoken_languages", manifest.spoken_languages),
        *_unique("transcripts.language", (one.language for one in manifest.transcripts)),
        *_unique("renditions.name", (one.name for one in manifest.renditions)),
        *_unique("file", (one.file.lower() for one in (manifest.poster, *manifest.renditions))),
        *_timed("shotlist", manifest.shotlist, manifest),
        *_transcripts(manifest),
    ]


def _unique(field: str, values: Iterable[str]) -> Iterator[str]:
    for value, count in Counter(values).items():
        if count > 1:
            yield f"{field}: {value} is there {count} times"


def _transcripts(manifest: Manifest) -> Iterator[str]:
    for at, transcript in enumerate(manifest.transcripts):
        field = f"transcripts.{at}"
        if transcript.kind == "verbatim" and transcript.language not in manifest.spoken_languages:
            yield f"{field}.kind: {transcript.language} is not in spoken_languages, so this is a translation"
        yield from _timed(f"{field}.segments", transcript.segments, manifest)


def _timed(field: str, pieces: Sequence[_Timed], manifest: Manifest) -> Iterator[str]:
    people = {person.name for person in manifest.people}
    began = 0
    for at, piece in enumerate(pieces):
        if piece.number != at + 1:
            yield f"{field}.{at}.number: {piece.number}, but they are numbered 1, 2, 3, …"
        if piece.start_ms < began:
            yield f"{field}.{at}.start_ms: begins before the one above it"
        if piece.end_ms <= piece.start_ms:
            yield f"{field}.{at}.end_ms: does not come after start_ms"
        if piece.end_ms > manifest.duration_ms:
            yield f"{field}.{at}.end_ms: {piece.end_ms} is after duration_ms, {manifest.duration_ms}"
        if piece.speaker is not None and piece.speaker not in people:
            yield f"{field}.{at}.speaker: {piece.speaker} is not in people"
        began = piece.start_ms
