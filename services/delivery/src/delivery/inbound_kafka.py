"""Kafka in: accounts and videos, as their owners publish them; what became of the mails about recalls."""

from typing import TypeAlias, get_args
from uuid import UUID

from delivery import store
from delivery.domain.grant import Account, Rendition, Video
from delivery.domain.recall import Withdrawal
from delivery.store import audit, recalls
from delivery.usecases.take_video import take_video
from newsreel_events import Envelope
from newsreel_events.catalog import (
    VIDEO,
    RenditionV1,
    VideoPublishedV1,
    VideoRevisedV1,
    VideoStateV1,
    VideoWithdrawnV1,
    VideoWithheldV1,
)
from newsreel_events.identity import (
    ACCOUNT,
    AccountDeletedV1,
    AccountNewsletterSubscribedV1,
    AccountNewsletterUnsubscribedV1,
    AccountPasswordChangedV1,
    AccountRegisteredV1,
    AccountRepublishedV1,
    AccountRestoredV1,
    AccountRolesChangedV1,
    AccountSessionsEndedV1,
    AccountSuspendedV1,
    AccountVerifiedV1,
)
from newsreel_events.notifier import NoticeMailedV1
from newsreel_runtime.clock import now
from newsreel_runtime.consumer.consumer import Consumer
from newsreel_runtime.database import Database
from newsreel_runtime.settings import Kafka
from newsreel_runtime.transaction import Tx

GROUP = "delivery"
AccountEvent: TypeAlias = (
    AccountRegisteredV1
    | AccountVerifiedV1
    | AccountPasswordChangedV1
    | AccountSessionsEndedV1
    | AccountNewsletterSubscribedV1
    | AccountNewsletterUnsubscribedV1
    | AccountSuspendedV1
    | AccountRestoredV1
    | AccountRolesChangedV1
    | AccountDeletedV1
    | AccountRepublishedV1
)
VideoEvent: TypeAlias = VideoPublishedV1 | VideoRevisedV1 | VideoWithheldV1 | VideoWithdrawnV1


def create_consumer(kafka: Kafka, database: Database) -> Consumer:
    """Every event of accounts and videos: each carries the whole state, one missed would be a stale copy."""
    consumer = Consumer(GROUP, kafka, database)
    for account_event in get_args(AccountEvent):
        consumer.on(account_event, on_account)
    consumer.on_tombstone(ACCOUNT, on_account_erased)
    for video_event in get_args(VideoEvent):
        consumer.on(video_event, on_video)
    consumer.on_tombstone(VIDEO, on_video_erased)
    consumer.on(NoticeMailedV1, on_notice_mailed)
    return consumer


async def on_account(tx: Tx, event: AccountEvent, _: Envelope) -> None:
    """An account's state after something happened to it. The order of the key's records decides."""
    state = event.account
    store.save_account(tx, Account(state.account_id, state.status, state.roles, state.sessions_valid_after))


async def on_account_erased(tx: Tx, key: str) -> None:
    """The account is to be forgotten, and what it was granted."""
    store.erase_account(tx, UUID(key))
    audit.forget(tx, UUID(key))
    recalls.forget(tx, UUID(key))


async def on_video(tx: Tx, event: VideoEvent, _: Envelope) -> None:
    """A video's state after something happened to it: its status says whether it may be taken."""
    state = event.video
    renditions = tuple(_rendition(state, rendition) for rendition in state.renditions)
    video = Video(
        state.video_id,
        state.version,
        state.status,
        dict(state.titles),
        state.poster_sha256,
        renditions,
        state.reference,
    )
    withdrawal = Withdrawal()
    if isinstance(event, VideoWithdrawnV1):
        withdrawal = Withdrawal(event.reason, event.note)
    await take_video(tx, video, withdrawal, now())


async def on_video_erased(tx: Tx, key: str) -> None:
    """The video is to be forgotten, with its files: nothing of it is given out any more."""
    store.erase_video(tx, UUID(key))


async def on_notice_mailed(tx: Tx, event: NoticeMailedV1, _: Envelope) -> None:
    """What became of the mail about a recall."""
    recalls.note_outcome(tx, event.notice_id, event.outcome, event.occurred_at)


def _rendition(video: VideoStateV1, rendition: RenditionV1) -> Rendition:
    known = rendition.model_dump(include={"rendition_id", "file", "media_type", "size_bytes", "sha256"})
    return Rendition(**known, video_id=video.video_id, available=video.status == "usable")
