"""The manifest of a video: `manifest.json` beside its files, format `newsreel-manifest/1`."""

from typing import Annotated, Literal

from pydantic import Field

from catalog.domain.video import Genre, Language, Part, TranscriptKind
from catalog.representations.manifest_fields import (
    Bytes,
    Code,
    Day,
    Duration,
    FileName,
    FrameRate,
    LanguageCode,
    Line,
    Lines,
    MediaType,
    Milliseconds,
    Name,
    Paragraphs,
    PosterName,
    Reference,
    Sha256,
    Spoken,
    Strict,
)

FORMAT = "newsreel-manifest/1"
MOST_SEGMENTS = 20_000  # of a transcript


class PersonPart(Strict):
    """Somebody seen or heard; `name` is how transcripts and shotlist call them."""

    name: Name
    role: Name
    organisation: Name | None = None


class TimedPart(Strict):
    """What has a place in the order and in the time of the video."""

    number: int = Field(ge=1)
    start_ms: Milliseconds
    end_ms: Milliseconds


class ShotPart(TimedPart):
    """One line of the shotlist; `speaker` for a soundbite."""

    kind: Code
    text: Lines
    speaker: Name | None = None


class SegmentPart(TimedPart):
    """One timed piece of a transcript."""

    part: Part
    speaker: Name
    text: Spoken


class TranscriptPart(Strict):
    """What is said, in one language: verbatim in a spoken one, a translation in the others."""

    language: Language
    kind: TranscriptKind
    segments: tuple[SegmentPart, ...] = Field(min_length=1, max_length=MOST_SEGMENTS)


class FilePart(Strict):
    """A file in the manifest's folder. `sha256` is hexadecimal."""

    file: FileName
    size_bytes: Bytes
    sha256: Sha256


class PosterPart(FilePart):
    """The still picture, a JPEG."""

    file: PosterName


class RenditionPart(FilePart):
    """One file of the video. `bit_rate` is bits per second of the whole file; `frame_rate` is "25/1"."""

    name: Code
    role: Literal["broadcast", "web", "proxy"]
    media_type: MediaType
    container: Code
    video_codec: Code
    audio_codec: Code | None = None
    width: int = Field(ge=16, le=16384)
    height: int = Field(ge=16, le=16384)
    frame_rate: FrameRate
    bit_rate: int = Field(ge=1, le=10**11)


class Manifest(Strict):
    """Everything about one video. Texts are {language: text}; times are milliseconds from its start."""

    format: Literal["newsreel-manifest/1"]
    reference: Reference
    titles: Lines
    headlines: Lines
    descriptions: dict[Language, Paragraphs] = Field(min_length=1)
    genre: Genre
    keywords: dict[Language, Annotated[tuple[Name, ...], Field(max_length=50)]] = Field(default_factory=dict)
    recorded_at: Day
    duration_ms: Duration
    spoken_languages: tuple[LanguageCode, ...] = Field(min_length=1, max_length=10)
    people: tuple[PersonPart, ...] = Field(default=(), max_length=200)
    location: Line
    credit_line: Line
    restrictions: dict[Language, Paragraphs] = Field(default_factory=dict)
    shotlist: tuple[ShotPart, ...] = Field(default=(), max_length=1000)
    transcripts: tuple[TranscriptPart, ...] = ()
    poster: PosterPart
    renditions: tuple[RenditionPart, ...] = Field(min_length=1, max_length=20)
