"""What the catalog publishes: domain facts as events of the public contract."""

from uuid import UUID

from catalog.domain.video import Transcript, Video
from newsreel_events.catalog import TranscriptPublishedV1, VideoPublishedV1, VideoRevisedV1, VideoStateV1
from newsreel_runtime.transaction import Tx


def video_published(tx: Tx, video: Video) -> None:
    """A video may be taken from now on."""
    tx.emit(VideoPublishedV1(video=_state(video)))


def video_revised(tx: Tx, video: Video) -> None:
    """Something about a published video changed."""
    tx.emit(VideoRevisedV1(video=_state(video)))


def transcript_published(tx: Tx, video_id: UUID, version: int, transcript: Transcript) -> None:
    """The words of a published video in one language, whole."""
    state = {**vars(transcript), "video_id": video_id, "version": version}
    tx.emit(TranscriptPublishedV1.model_validate(state, from_attributes=True))


def _state(video: Video) -> VideoStateV1:
    """The names of the domain are the contract's."""
    state = {**vars(video.details), **vars(video), "status": "usable"}
    return VideoStateV1.model_validate(state, from_attributes=True)
