"""A video, its renditions and its transcripts. Times are milliseconds from the start of the video."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

Language = Literal["en", "fr", "uk"]
Part = Literal["speech", "question", "answer", "statement"]
TranscriptKind = Literal["verbatim", "translation"]
Genre = Literal["press_conference", "doorstep", "b_roll", "speech", "handshake", "feature"]
Text = Mapping[Language, str]
Status = Literal["usable", "withheld", "withdrawn"]
StopReason = Literal["rights", "error", "safety", "legal", "other"]


@dataclass(frozen=True)
class Person:
    """Somebody seen or heard in the video."""

    name: str
    role: str
    organisation: str | None


@dataclass(frozen=True)
class Shot:
    """One line of the shotlist."""

    number: int
    start_ms: int
    end_ms: int
    kind: str
    text: Text
    speaker: str | None


@dataclass(frozen=True)
class Details:
    """What the press office says about a video. `reference` is the house number, which never changes."""

    reference: str
    titles: Text
    headlines: Text
    descriptions: Text
    genre: Genre
    keywords: Mapping[Language, tuple[str, ...]]
    recorded_at: date
    duration_ms: int
    spoken_languages: tuple[str, ...]
    people: tuple[Person, ...]
    location: str
    credit_line: str
    restrictions: Text
    shotlist: tuple[Shot, ...]


@dataclass(frozen=True)
class StoredFile:
    """A file by its name, its size in bytes and its sha256 (hexadecimal)."""

    file: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class Media(StoredFile):
    """The file of one rendition and its technical data. `bit_rate` is bits per second, all streams."""

    name: str
    role: Literal["broadcast", "web", "proxy"]
    media_type: str
    container: str
    video_codec: str
    audio_codec: str | None
    width: int
    height: int
    frame_rate: str
    bit_rate: int


@dataclass(frozen=True)
class Rendition(Media):
    """One file of a published video, under its id."""

    rendition_id: UUID


@dataclass(frozen=True)
class Segment:
    """One timed piece of a transcript, spoken by one person."""

    number: int
    start_ms: int
    end_ms: int
    part: Part
    speaker: str
    text: str


@dataclass(frozen=True)
class Transcript:
    """What is said in the video, in one language."""

    language: Language
    kind: TranscriptKind
    segments: tuple[Segment, ...]


@dataclass(frozen=True)
class Stop:
    """Why a video is not usable, as everybody is told; `note` is the press office's word on it."""

    reason: StopReason
    note: Text


@dataclass(frozen=True)
class Video:
    """A published video without the words of its transcripts. One that is not `usable` has a `stop`."""

    video_id: UUID
    version: int
    published_at: datetime
    details: Details
    renditions: tuple[Rendition, ...]
    poster_sha256: str
    transcript_languages: tuple[Language, ...]
    status: Status = "usable"
    stop: Stop | None = None


@dataclass(frozen=True)
class Summary:
    """One line of the list."""

    video_id: UUID
    reference: str
    titles: Text
    headlines: Text
    descriptions: Text
    genre: Genre
    recorded_at: date
    published_at: datetime
    duration_ms: int
    spoken_languages: tuple[str, ...]
    credit_line: str
    restrictions: Text
