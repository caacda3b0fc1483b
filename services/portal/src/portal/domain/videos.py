"""Videos as the pages show them. Times: milliseconds from the start; sizes: bytes; rates: bits per second."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

Texts = dict[str, str]


@dataclass(frozen=True)
class Summary:
    id: UUID
    reference: str
    title: Texts
    headline: Texts
    genre: str
    recorded_at: date
    published_at: datetime
    duration_ms: int
    spoken_languages: tuple[str, ...]


@dataclass(frozen=True)
class Listing:
    """One page of the list, newest first; `next_cursor` leads to the older ones."""

    items: tuple[Summary, ...]
    next_cursor: str | None = None


@dataclass(frozen=True)
class Person:
    name: str
    role: str
    organisation: str | None = None


@dataclass(frozen=True)
class Shot:
    """One line of the shotlist."""

    number: int
    start_ms: int
    end_ms: int
    kind: str
    text: Texts
    speaker: str | None = None


@dataclass(frozen=True)
class Rendition:
    rendition_id: UUID
    name: str
    role: str
    file: str
    media_type: str
    container: str
    video_codec: str
    width: int
    height: int
    frame_rate: str
    bit_rate: int
    size_bytes: int
    sha256: str
    audio_codec: str | None = None


@dataclass(frozen=True)
class Video(Summary):
    description: Texts
    location: str
    credit_line: str
    renditions: tuple[Rendition, ...]
    keywords: dict[str, tuple[str, ...]]
    restrictions: Texts
    people: tuple[Person, ...] = ()
    shotlist: tuple[Shot, ...] = ()
    transcript_languages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Segment:
    """One timed piece of a transcript, spoken by one person."""

    number: int
    start_ms: int
    end_ms: int
    part: str
    speaker: str
    text: str


@dataclass(frozen=True)
class Transcript:
    """What is said in the video, in one language."""

    language: str
    kind: str
    segments: tuple[Segment, ...]

    def runs(self) -> Sequence[tuple[bool, tuple[tuple[str, Segment], ...]]]:
        """The segments in order, each with its id on the page; True is a run of questions and answers.

        The id says when the segment begins. Of several that begin together, the first one has it bare.
        """
        begun: Counter[int] = Counter()
        named = []
        for segment in self.segments:
            begun[segment.start_ms] += 1
            again = f"-{begun[segment.start_ms]}" if begun[segment.start_ms] > 1 else ""
            named.append((f"t-{segment.start_ms}{again}", segment))
        runs = groupby(named, key=lambda pair: pair[1].part in {"question", "answer"})
        return [(asked, tuple(segments)) for asked, segments in runs]

    def anchor_at(self, second: int | None) -> tuple[str, Segment] | None:
        """The segment that is spoken in a second, with its id on the page; None when nothing is said yet."""
        if second is None:
            return None
        pairs = (pair for _, run in self.runs() for pair in run)
        begun = [pair for pair in pairs if pair[1].start_ms // 1000 <= second]
        return max(begun, key=lambda pair: pair[1].start_ms, default=None)
