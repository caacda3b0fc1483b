"""What the catalog publishes: domain facts as events of the public contract."""

from uuid import UUID

from catalog.domain.video import Language, Transcript, Video
from newsreel_events.catalog import (
    TRANSCRIPT,
    TranscriptPublishedV1,
    VideoPublishedV1,
    VideoRevisedV1,
    VideoStateV1,
    VideoWithdrawnV1,
    VideoWithheldV1,
)
from newsreel_runtime.transaction import Tx


def video_published(tx: Tx, video: Video) -> None:
    """A video may be taken from now on."""
    tx.emit(VideoPublishedV1(video=_state(video)))


def video_changed(tx: Tx, video: Video) -> None:
    """The state that a published video has now: revised, withheld or withdrawn, as its status says."""
    if video.stop is None:
        tx.emit(VideoRevisedV1(video=_state(video)))
        return
    stopped = VideoWithheldV1 if video.status == "withheld" else VideoWithdrawnV1
    tx.emit(stopped(video=_state(video), reason=video.stop.reason, note=dict(video.stop.note)))


def transcript_published(tx: Tx, video_id: UUID, version: int, transcript: Transcript) -> None:
    """The words of a published video in one language, whole."""
    state = {**vars(transcript), "video_id": video_id, "version": version}
    tx.emit(TranscriptPublishedV1.model_validate(state, from_attributes=True))


def transcript_erased(tx: Tx, video_id: UUID, language: Language) -> None:
    """The words of a video that was stopped: whoever has them forgets them."""
    tx.tombstone(TRANSCRIPT, f"{video_id}:{language}")


def _state(video: Video) -> VideoStateV1:
    """The names of the domain are the contract's."""
    state = {**vars(video.details), **vars(video)}
    return VideoStateV1.model_validate(state, from_attributes=True)
