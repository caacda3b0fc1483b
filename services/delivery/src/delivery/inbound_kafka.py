"""Kafka in: accounts and videos, as their owners publish them."""

from typing import TypeAlias

from delivery.domain.grant import Account, Rendition, Video
from delivery.usecases.record_account import record_account
from delivery.usecases.record_video import record_video
from newsreel_events import Envelope
from newsreel_events.catalog import RenditionV1, VideoPublishedV1, VideoRevisedV1, VideoStateV1
from newsreel_events.identity import (
    AccountNewsletterSubscribedV1,
    AccountNewsletterUnsubscribedV1,
    AccountPasswordChangedV1,
    AccountRegisteredV1,
    AccountVerifiedV1,
)
from newsreel_runtime.consumer.consumer import Consumer
from newsreel_runtime.transaction import Tx

GROUP = "delivery"
AccountEvent: TypeAlias = (
    AccountRegisteredV1
    | AccountVerifiedV1
    | AccountPasswordChangedV1
    | AccountNewsletterSubscribedV1
    | AccountNewsletterUnsubscribedV1
)
VideoEvent: TypeAlias = VideoPublishedV1 | VideoRevisedV1


def subscribe(consumer: Consumer) -> None:
    """Hear every event of both topics: each carries the whole state, and one missed would be a stale copy."""
    consumer.on(AccountRegisteredV1, on_account)
    consumer.on(AccountVerifiedV1, on_account)
    consumer.on(AccountPasswordChangedV1, on_account)
    consumer.on(AccountNewsletterSubscribedV1, on_account)
    consumer.on(AccountNewsletterUnsubscribedV1, on_account)
    consumer.on(VideoPublishedV1, on_video)
    consumer.on(VideoRevisedV1, on_video)


async def on_account(tx: Tx, event: AccountEvent, envelope: Envelope) -> None:
    """An account's state after something happened to it."""
    state = event.account
    account = Account(state.account_id, state.status, state.roles, state.sessions_valid_after)
    await record_account(tx, account, changed_at=envelope.time)


async def on_video(tx: Tx, event: VideoEvent, _: Envelope) -> None:
    """A video's state after it was published or revised."""
    state = event.video
    renditions = tuple(_rendition(state, one) for one in state.renditions)
    await record_video(tx, Video(state.video_id, state.version, state.status, renditions))


def _rendition(video: VideoStateV1, one: RenditionV1) -> Rendition:
    return Rendition(
        rendition_id=one.rendition_id,
        video_id=video.video_id,
        file=one.file,
        media_type=one.media_type,
        size_bytes=one.size_bytes,
        sha256=one.sha256,
        available=video.status == "usable",
    )
