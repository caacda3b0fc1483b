"""What the parts of a manifest must be to each other. A rule yields `field: what to mend`, a line each."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from catalog.domain.plain_text import difference, looks_like, nearest
from catalog.representations.manifest import Manifest, SegmentPart, ShotPart


def broken_rules(manifest: Manifest) -> list[str]:
    """Every rule that the manifest breaks; empty when it is good."""
    return [
        *_unique("people.name", (person.name for person in manifest.people), looks_like),
        *_unique("spoken_languages", manifest.spoken_languages),
        *_unique("transcripts.language", (transcript.language for transcript in manifest.transcripts)),
        *_unique("renditions.name", (rendition.name for rendition in manifest.renditions)),
        *_unique("file", (part.file for part in (manifest.poster, *manifest.renditions)), str.lower),
        *_timed("shotlist", manifest.shotlist, manifest),
        *_transcripts(manifest),
    ]


def _unique(field: str, values: Iterable[str], seen_as: Callable[[str], str] = str) -> Iterator[str]:
    known: dict[str, str] = {}
    for value in values:
        other = known.get(seen_as(value))
        if other is not None:
            differ = f", besides as {other}: {difference(value, other)}" if other != value else ""
            yield f"{field}: {value} is there twice{differ}"
        known[seen_as(value)] = value


def _transcripts(manifest: Manifest) -> Iterator[str]:
    for at, transcript in enumerate(manifest.transcripts, 1):
        field = f"transcripts.{at}"
        if transcript.kind == "verbatim" and transcript.language not in manifest.spoken_languages:
            yield f"{field}.kind: {transcript.language} is not in spoken_languages, so this is a translation"
        yield from _timed(f"{field}.segments", transcript.segments, manifest)


def _timed(field: str, pieces: Sequence[ShotPart | SegmentPart], manifest: Manifest) -> Iterator[str]:
    people = {person.name for person in manifest.people}
    began = 0
    for at, piece in enumerate(pieces, 1):
        if piece.number != at:
            yield f"{field}.{at}.number: is {piece.number}; they are numbered 1, 2, 3, …"
        if piece.start_ms < began:
            yield f"{field}.{at}.start_ms: {piece.start_ms} is before the one above it, {began}"
        if piece.end_ms <= piece.start_ms:
            yield f"{field}.{at}.end_ms: {piece.end_ms} does not come after start_ms, {piece.start_ms}"
        if piece.end_ms > manifest.duration_ms:
            yield f"{field}.{at}.end_ms: {piece.end_ms} is after duration_ms, {manifest.duration_ms}"
        if piece.speaker is not None and piece.speaker not in people:
            meant = nearest(piece.speaker, people)
            hint = f"; {meant} is: {difference(piece.speaker, meant)}" if meant else ""
            yield f"{field}.{at}.speaker: {piece.speaker} is not in people{hint}"
        began = piece.start_ms
