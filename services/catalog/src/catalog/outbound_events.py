"""What the catalog publishes: domain facts as events of the public contract."""

from uuid import UUID

from catalog.domain.video import Rendition, Transcript, Video
from newsreel_events.catalog import (
    PersonV1,
    RenditionV1,
    SegmentV1,
    ShotV1,
    TranscriptPublishedV1,
    VideoPublishedV1,
    VideoRevisedV1,
    VideoStateV1,
)
from newsreel_runtime.transaction import Tx


def video_published(tx: Tx, video: Video) -> None:
    """A video may be taken from now on."""
    tx.emit(VideoPublishedV1(video=_state(video)))


def video_revised(tx: Tx, video: Video) -> None:
    """Something about a published video changed."""
    tx.emit(VideoRevisedV1(video=_state(video)))


def transcript_published(tx: Tx, video_id: UUID, version: int, transcript: Transcript) -> None:
    """The words of a published video in one language, whole."""
    segments = tuple(SegmentV1.model_validate(one, from_attributes=True) for one in transcript.segments)
    tx.emit(
        TranscriptPublishedV1(
            video_id=video_id,
            language=transcript.language,
            kind=transcript.kind,
            version=version,
            segments=segments,
        )
    )


def _state(video: Video) -> VideoStateV1:
    details = video.details
    return VideoStateV1(
        video_id=video.video_id,
        version=video.version,
        reference=details.reference,
        status="usable",
        titles=dict(details.titles),
        headlines=dict(details.headlines),
        descriptions=dict(details.descriptions),
        genre=details.genre,
        keywords=dict(details.keywords),
        recorded_at=details.recorded_at,
        published_at=video.published_at,
        duration_ms=details.duration_ms,
        spoken_languages=details.spoken_languages,
        people=tuple(PersonV1.model_validate(one, from_attributes=True) for one in details.people),
        location=details.location,
        credit_line=details.credit_line,
        restrictions=dict(details.restrictions),
        shotlist=tuple(ShotV1.model_validate(one, from_attributes=True) for one in details.shotlist),
        transcript_languages=video.transcript_languages,
        poster_sha256=video.poster_sha256,
        renditions=tuple(map(_rendition, video.renditions)),
    )


def _rendition(rendition: Rendition) -> RenditionV1:
    media = rendition.media
    return RenditionV1(
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
