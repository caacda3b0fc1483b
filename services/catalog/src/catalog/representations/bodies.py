"""The bodies of the HTTP API. Texts are {language: text}; times are milliseconds from the video's start."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from catalog.domain.video import Genre, Language, Part, Transcript, Video
from catalog.usecases.list_videos import Page

Text = dict[Language, str]


class Body(BaseModel):
    """What all bodies have in common: made from domain objects, never changed."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class SummaryBody(Body):
    """One line of the list."""

    id: UUID = Field(validation_alias="video_id")
    reference: str = Field(description="The house number, which never changes.")
    title: Text = Field(validation_alias="titles")
    headline: Text = Field(validation_alias="headlines")
    genre: Genre
    recorded_at: date
    published_at: datetime
    duration_ms: int
    spoken_languages: tuple[str, ...]
    description: Text = Field(validation_alias="descriptions")
    credit_line: str = Field(description="Must be shown with the pictures.")
    restrictions: Text


class VideosBody(Body):
    """One page of the list, newest first."""

    items: tuple[SummaryBody, ...]
    next_cursor: str | None = Field(description="Opaque; leads to the older videos. null at the end.")

    @classmethod
    def of(cls, page: Page) -> "VideosBody":
        items = tuple(map(SummaryBody.model_validate, page.summaries))
        return cls(items=items, next_cursor=page.next.cursor() if page.next else None)


class PersonBody(Body):
    """Somebody seen or heard."""

    name: str
    role: str
    organisation: str | None


class ShotBody(Body):
    """One line of the shotlist."""

    number: int
    start_ms: int
    end_ms: int
    kind: str
    text: Text
    speaker: str | None


class RenditionBody(Body):
    """One file of the video; delivery gives it out by `rendition_id`."""

    rendition_id: UUID
    name: str
    role: Literal["broadcast", "web", "proxy"]
    file: str = Field(description="The name it is saved under.")
    media_type: str
    container: str
    video_codec: str
    audio_codec: str | None
    width: int
    height: int
    frame_rate: str = Field(description="Frames per second as a fraction.")
    bit_rate: int = Field(description="Bits per second, all streams.")
    size_bytes: int
    sha256: str = Field(description="Of the whole file, hexadecimal.")


class VideoBody(SummaryBody):
    """Everything that the catalog says about one video, except the words of its transcripts."""

    version: int
    status: Literal["usable"]
    keywords: dict[Language, tuple[str, ...]]
    people: tuple[PersonBody, ...]
    location: str
    shotlist: tuple[ShotBody, ...]
    transcript_languages: tuple[Language, ...]
    renditions: tuple[RenditionBody, ...]

    @classmethod
    def of(cls, video: Video) -> "VideoBody":
        return cls.model_validate({**vars(video.details), **vars(video)})


class SegmentBody(Body):
    """One timed piece of a transcript."""

    number: int
    start_ms: int
    end_ms: int
    part: Part
    speaker: str
    text: str


class TranscriptBody(Body):
    """What is said in a video, in one language."""

    video_id: UUID
    language: Language
    kind: Literal["verbatim", "translation"]
    version: int
    segments: tuple[SegmentBody, ...]

    @classmethod
    def of(cls, video_id: UUID, version: int, transcript: Transcript) -> "TranscriptBody":
        return cls.model_validate({**vars(transcript), "video_id": video_id, "version": version})
