"""A file with one transcript, in the format that its name ends in."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from uuid import UUID

from pydantic import Field

from catalog.domain.heading_choice import Doubt
from catalog.domain.headings import Speakers
from catalog.domain.spoken_parts import Turn, parts_of
from catalog.domain.spoken_text import read_spoken_text
from catalog.domain.video import Details, Language, TranscriptKind
from catalog.errors import ImportRefusedError
from catalog.representations.manifest import TranscriptPart
from catalog.representations.said import FILE_BYTES, MOST_LINES, Said, lines_of
from catalog.representations.srt import read_srt
from catalog.representations.strict_json import read_json
from catalog.representations.transcript_rules import broken_rules, strangers
from catalog.representations.webvtt import read_webvtt


class TranscriptFile(TranscriptPart):
    """A transcript as the API gives it out: `version` is the one that was corrected."""

    video_id: UUID | None = Field(default=None, strict=False)
    version: int | None = Field(default=None, ge=1)


@dataclass(frozen=True)
class Incoming:
    """What a file says; kind, video and version come from JSON only."""

    said: tuple[Said, ...]
    doubts: tuple[Doubt, ...] = ()
    kind: TranscriptKind | None = None
    video_id: UUID | None = None
    version: int | None = None


def read_transcript(
    content: bytes, ending: str, language: Language, details: Details, opening: str | None
) -> Incoming:
    """The transcript in a file whose name has that ending (`.vtt`), of a video with these details.

    `opening` speaks what no speaker is named for. Raises `ImportRefusedError` with a line for each thing to
    mend: place, field, reason.
    """
    read = _READERS.get(ending.lower())
    if read is None:
        raise ImportRefusedError(f"file: ends in {ending or 'nothing'}; it is one of {', '.join(_READERS)}")
    speakers = Speakers(details.people, [opening] if opening else [])
    unit = "segments." if read is _json else "line "
    try:
        incoming = read(content, language, details, opening)
        said = [replace(one, speaker=one.speaker or opening or "") for one in incoming.said]
        broken = list(broken_rules(said, unit, details.duration_ms))
        if broken:
            raise ImportRefusedError("\n".join(broken))  # noqa: TRY301 (shortened below, as the readers' are)
    except ImportRefusedError as error:
        raise ImportRefusedError(_shortened(str(error))) from None
    doubts = (*incoming.doubts, *strangers(said, details.people))
    return replace(incoming, said=tuple(_with_parts(said, speakers)), doubts=doubts)


def _with_parts(said: Sequence[Said], speakers: Speakers) -> Iterator[Said]:
    """Where the file names no part, it follows from who asks."""
    turns = [(speaker, list(pieces)) for speaker, pieces in groupby(said, key=lambda one: one.speaker)]
    parts = parts_of(
        [
            Turn(speaker, speakers.role(speaker), " ".join(one.text for one in pieces))
            for speaker, pieces in turns
        ]
    )
    for (_, pieces), part in zip(turns, parts, strict=True):
        yield from (replace(one, part=one.part or part) for one in pieces)


def _text(content: bytes, _: Language, details: Details, opening: str | None) -> Incoming:
    text = "\n".join(lines_of(content)[1:])
    found = read_spoken_text(text, details.people, opening)
    said = (Said(one.line, None, None, one.part, one.speaker, one.text) for one in found.spoken)
    return Incoming(tuple(said), found.doubts)


def _webvtt(content: bytes, *_: object) -> Incoming:
    return Incoming(tuple(read_webvtt(content)))


def _srt(content: bytes, _: Language, details: Details, opening: str | None) -> Incoming:
    return Incoming(tuple(read_srt(content, Speakers(details.people, [opening] if opening else []))))


def _json(content: bytes, language: Language, *_: object) -> Incoming:
    if len(content) > FILE_BYTES:
        raise ImportRefusedError(f"file: has more than {FILE_BYTES} bytes")
    found, broken = read_json(content, TranscriptFile, "transcript")
    if found.language != language:
        broken.append(f"language: is {found.language}, and not {language}")
    for at, segment in enumerate(found.segments, 1):
        if segment.number != at:
            broken.append(f"segments.{at}.number: is {segment.number}; they are numbered 1, 2, 3, …")
    if broken:
        raise ImportRefusedError("\n".join(broken))
    said = (
        Said(one.number, one.start_ms, one.end_ms, one.part, one.speaker, one.text) for one in found.segments
    )
    return Incoming(tuple(said), (), found.kind, found.video_id, found.version)


def _shortened(lines: str) -> str:
    shown = lines.splitlines()
    more = [f"and {len(shown) - MOST_LINES} more"] if len(shown) > MOST_LINES else []
    return "\n".join(shown[:MOST_LINES] + more)


_Reader = Callable[[bytes, Language, Details, str | None], Incoming]
_READERS: dict[str, _Reader] = {".vtt": _webvtt, ".srt": _srt, ".txt": _text, ".json": _json}
