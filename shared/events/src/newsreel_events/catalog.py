"""What the catalog publishes: the full state of videos and their transcripts."""

import re
import unicodedata
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from newsreel_events.data import EventData, Part
from newsreel_events.values import Day, Id, Integer, Known, Language, Natural, Positive, Time

VIDEO = "catalog.video.v1"
TRANSCRIPT = "catalog.transcript.v1"

Text = dict[Language, str]

_MEDIA_TYPE = "^[a-z0-9][a-z0-9.+-]{0,63}/[a-z0-9][a-z0-9.+-]{0,63}$"
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})  # controls, bidi marks, line separators
_NAME_BYTES = 180
_STATUS = "Of any but `usable` no file is to be taken and nothing is to be shown."
_REASON = (
    "`rights`: somebody's rights in it. `error`: something in it is wrong. `safety`: it may harm somebody. "
    "`legal`: a court or a law demands it."
)


def _media_type(text: str) -> str:
    if re.fullmatch(_MEDIA_TYPE, text) is None:
        raise ValueError("is not type/subtype in small letters, digits and .+- (RFC 9110 §8.3.1)")
    return text


def _file_name(text: str) -> str:
    """One part of a path, fit for a header, and what a person reads is what it is."""
    if not text or text[0] == "." or text != text.strip() or any(letter in '/\\"' for letter in text):
        raise ValueError("is not the name of a file: no / \\ or quote, no dot or blank at its edge")
    if any(unicodedata.category(letter) in _HIDDEN for letter in text):
        raise ValueError("has a letter that is not seen")
    if len(text.encode()) > _NAME_BYTES or not unicodedata.is_normalized("NFC", text):
        raise ValueError(f"has more than {_NAME_BYTES} bytes, or is not in normal form C")
    return text


# What readers put into headers and paths. These rules are checked by writer and reader alike.
# A JSON Schema cannot say all of a file's name (bytes, normal form, unseen letters): it takes more.
MediaType = Annotated[
    str,
    AfterValidator(_media_type),
    Field(description="type/subtype, no parameters.", json_schema_extra={"pattern": _MEDIA_TYPE}),
]
FileName = Annotated[
    str,
    AfterValidator(_file_name),
    Field(
        description="A file's name: no path, no letter that is not seen; UTF-8 in normal form C.",
        json_schema_extra={"pattern": r'^[^./\\"][^/\\"]*$'},
    ),
]


class PersonV1(Part):
    """Somebody seen or heard in the video."""

    name: str
    role: str
    organisation: str | None = None


class ShotV1(Part):
    """One line of the shotlist; times in milliseconds from the start."""

    number: Positive
    start_ms: Natural
    end_ms: Natural
    kind: str
    text: Text
    speaker: str | None = None


class RenditionV1(Part):
    """One file of the video. `sha256` is hexadecimal, sizes are bytes, `bit_rate` is bits per second."""

    rendition_id: Id
    name: str
    role: Annotated[str, Known("broadcast", "web", "proxy")]
    file: FileName
    media_type: MediaType
    container: str
    video_codec: str
    audio_codec: str | None = None
    width: Integer
    height: Integer
    frame_rate: str
    bit_rate: Integer
    size_bytes: Integer
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class VideoStateV1(Part):
    """Everything the catalog says in public about one video."""

    video_id: Id
    version: Positive
    reference: str = Field(description="The house number, which never changes.")
    status: Annotated[str, Known("usable", "withheld", "withdrawn", about=_STATUS)]
    titles: Text
    headlines: Text
    descriptions: Text
    genre: str
    keywords: dict[Language, tuple[str, ...]] = Field(default_factory=dict)
    recorded_at: Day
    published_at: Time
    duration_ms: Positive
    spoken_languages: tuple[str, ...]
    people: tuple[PersonV1, ...] = ()
    location: str
    credit_line: str
    restrictions: Text = Field(default_factory=dict)
    shotlist: tuple[ShotV1, ...] = ()
    transcript_languages: tuple[Language, ...] = ()
    poster_sha256: str | None = Field(
        default=None,
        pattern="^[0-9a-f]{64}$",
        description="Of the still picture, hexadecimal; null in what was published earlier.",
    )
    renditions: tuple[RenditionV1, ...]


class _Video(EventData):
    topic: ClassVar[str] = VIDEO
    video: VideoStateV1

    @property
    def key(self) -> str:
        return str(self.video.video_id)


class VideoPublishedV1(_Video):
    """A video may be taken from now on."""

    type: ClassVar[str] = "newsreel.catalog.video.published.v1"


class VideoRevisedV1(_Video):
    """A published video changed, or was withheld and may be taken again; `version` is higher than before.

    With the same one: its state once more.
    """

    type: ClassVar[str] = "newsreel.catalog.video.revised.v1"


class _Stopped(_Video):
    reason: Annotated[str, Known("rights", "error", "safety", "legal", "other", about=_REASON)]
    note: Text = Field(default_factory=dict, description="What the press office says of it in public.")


class VideoWithheldV1(_Stopped):
    """A published video is stopped for now; it may come back as `revised`, with a higher version."""

    type: ClassVar[str] = "newsreel.catalog.video.withheld.v1"


class VideoWithdrawnV1(_Stopped):
    """A published video is taken back for good. Who shows or passes it on, stops."""

    type: ClassVar[str] = "newsreel.catalog.video.withdrawn.v1"


class SegmentV1(Part):
    """One timed piece of a transcript, spoken by one person."""

    number: Positive
    start_ms: Natural
    end_ms: Natural
    part: Annotated[
        str,
        Known(
            "speech",
            "question",
            "answer",
            "statement",
            about="A statement is neither asked nor answered: a moderator's words, thanks.",
        ),
    ]
    speaker: str
    text: str


class TranscriptPublishedV1(EventData):
    """The whole transcript of a published video in one language; a later one replaces it."""

    type: ClassVar[str] = "newsreel.catalog.transcript.published.v1"
    topic: ClassVar[str] = TRANSCRIPT
    video_id: Id
    language: Language
    kind: Annotated[str, Known("verbatim", "translation")]
    version: Positive
    segments: tuple[SegmentV1, ...]

    @property
    def key(self) -> str:
        return f"{self.video_id}:{self.language}"
