"""The bodies of the HTTP API. Texts are {language: text}; times are milliseconds from the video's start."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from catalog.domain.video import Genre, Language, Rendition, Summary, Transcript, Video
from catalog.usecases.list_videos import Page

Text = dict[Language, str]


class Body(BaseModel):
    """What all bodies have in common: made from domain objects, never changed."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class SummaryBody(Body):
    """One line of the list."""

    id: UUID
    reference: str = Field(description="The house number, which never changes.")
    title: Text
    headline: Text
    genre: Genre
    recorded_at: date
    published_at: datetime
    duration_ms: int
    spoken_languages: tuple[str, ...]

    @classmethod
    def of(cls, summary: Summary) -> "SummaryBody":
        """A line of the list as it is shown."""
        return cls(
            id=summary.video_id,
            reference=summary.reference,
            title=dict(summary.titles),
            headline=dict(summary.headlines),
            genre=summary.genre,
            recorded_at=summary.recorded_at,
            published_at=summary.published_at,
            duration_ms=summary.duration_ms,
            spoken_languages=summary.spoken_languages,
        )


class VideosBody(Body):
    """One page of the list, newest first."""

    items: tuple[SummaryBody, ...]
    next_cursor: str | None = Field(description="Opaque; leads to the older videos. null at the end.")

    @classmethod
    def of(cls, page: Page) -> "VideosBody":
        """A page as it is shown."""
        items = tuple(SummaryBody.of(summary) for summary in page.summaries)
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

    @classmethod
    def of(cls, rendition: Rendition) -> "RenditionBody":
        """The public part of a rendition."""
        media = rendition.media
        return cls(
            rendition_id=rendition.rendition_id,
            name=media.name,
            role=media.role,
            file=media.stored.file,
            media_type=media.media_type,
            container=media.container,
            video_codec=media.video_codec,
            audio_codec=media.audio_codec,
            width=media.width,
            height=media.height,
            frame_rate=media.frame_rate,
            bit_rate=media.bit_rate,
            size_bytes=media.stored.size_bytes,
            sha256=media.stored.sha256,
        )


class VideoBody(SummaryBody):
    """Everything that the catalog says about one video, except the words of its transcripts."""

    version: int
    status: Literal["usable"]
    description: Text
    keywords: dict[Language, tuple[str, ...]]
    people: tuple[PersonBody, ...]
    location: str
    credit_line: str = Field(description="Must be shown with the pictures.")
    restrictions: Text
    shotlist: tuple[ShotBody, ...]
    transcript_languages: tuple[Language, ...]
    renditions: tuple[RenditionBody, ...]

    @classmethod
    def of_video(cls, video: Video) -> "VideoBody":
        """A video as it is shown."""
        details = video.details
        return cls(
            id=video.video_id,
            version=video.version,
            reference=details.reference,
            status="usable",
            title=dict(details.titles),
            headline=dict(details.headlines),
            description=dict(details.descriptions),
            genre=details.genre,
            keywords=dict(details.keywords),
            recorded_at=details.recorded_at,
            published_at=video.published_at,
            duration_ms=details.duration_ms,
            spoken_languages=details.spoken_languages,
            people=tuple(map(PersonBody.model_validate, details.people)),
            location=details.location,
            credit_line=details.credit_line,
            restrictions=dict(details.restrictions),
            shotlist=tuple(map(ShotBody.model_validate, details.shotlist)),
            transcript_languages=video.transcript_languages,
            renditions=tuple(map(RenditionBody.of, video.renditions)),
        )


class SegmentBody(Body):
    """One timed piece of a transcript."""

    number: int
    start_ms: int
    end_ms: int
    part: Literal["speech", "question", "answer"]
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
        """A transcript as it is shown."""
        return cls(
            video_id=video_id,
            language=transcript.language,
            kind=transcript.kind,
            version=version,
            segments=tuple(map(SegmentBody.model_validate, transcript.segments)),
        )
