"""What comes in from the bus: requests for mail, and contacts. A handler only writes its row."""

from collections.abc import Callable
from typing import TypeAlias, get_args
from uuid import UUID

from newsreel_events import Envelope
from newsreel_events.catalog import (
    VIDEO,
    VideoPublishedV1,
    VideoRevisedV1,
    VideoWithdrawnV1,
    VideoWithheldV1,
)
from newsreel_events.delivery import RecallNoticedV1
from newsreel_events.identity import (
    CONTACT,
    AddressChangedNoticedV1,
    AddressCodeRequestedV1,
    AddressTakenNoticedV1,
    AddressWantedNoticedV1,
    ContactChangedV1,
    NoAccountNoticedV1,
    PasswordChangedNoticedV1,
    ResetCodeRequestedV1,
    SignupCodeRequestedV1,
)
from newsreel_runtime.clock import now
from newsreel_runtime.consumer.consumer import Consumer
from newsreel_runtime.database import Database
from newsreel_runtime.ids import new_id
from newsreel_runtime.settings import Kafka
from newsreel_runtime.telemetry import current_traceparent
from newsreel_runtime.transaction import Tx
from notifier.domain.mail import Kind, MailRequest, known_locale
from notifier.domain.recall import RecalledVideo
from notifier.store import contacts, issues, news, recalls
from notifier.store.queue import add_mail
from notifier.usecases.queue_recall import queue_recall

GROUP = "notifier"
NEWSLETTER_GROUP = "notifier-newsletter"
RECALL_GROUP = "notifier-recall"

OnMail = Callable[[Tx], None]
CodeRequested = SignupCodeRequestedV1 | ResetCodeRequestedV1 | AddressCodeRequestedV1
NoticeRequested = (
    AddressTakenNoticedV1
    | NoAccountNoticedV1
    | PasswordChangedNoticedV1
    | AddressWantedNoticedV1
    | AddressChangedNoticedV1
)
VideoEvent: TypeAlias = VideoPublishedV1 | VideoRevisedV1 | VideoWithheldV1 | VideoWithdrawnV1

_KINDS: dict[type[CodeRequested | NoticeRequested], Kind] = {
    SignupCodeRequestedV1: "signup_code",
    ResetCodeRequestedV1: "reset_code",
    AddressCodeRequestedV1: "address_code",
    AddressTakenNoticedV1: "address_taken",
    NoAccountNoticedV1: "no_account",
    PasswordChangedNoticedV1: "password_changed",
    AddressWantedNoticedV1: "address_wanted",
    AddressChangedNoticedV1: "address_changed",
}


def create_consumer(kafka: Kafka, database: Database, on_mail: OnMail) -> Consumer:
    """Takes every event that the notifier acts on. `on_mail` gets each transaction that queues mail."""
    consumer = Consumer(GROUP, kafka, database)
    subscribe(consumer, on_mail)
    return consumer


def create_newsletter_consumer(kafka: Kafka, database: Database) -> Consumer:
    """Takes the videos for the newsletter, in a group of its own: no code waits for them."""
    consumer = Consumer(NEWSLETTER_GROUP, kafka, database)
    for event in get_args(VideoEvent):
        consumer.on(event, video_changed)
    consumer.on_tombstone(VIDEO, video_erased)
    return consumer


def create_recall_consumer(kafka: Kafka, database: Database, on_mail: OnMail) -> Consumer:
    """Takes who is to be told of a recall, in a group of its own: no code waits for it, nor it for one."""
    consumer = Consumer(RECALL_GROUP, kafka, database)

    async def recall_noticed(tx: Tx, event: RecallNoticedV1, _: Envelope) -> None:
        named = {"recall_id", "video_id", "kind", "reference", "titles", "note"}
        recalled = RecalledVideo(**event.model_dump(include=named))
        ids = (event.notice_id, event.account_id)
        if await queue_recall(tx, recalled, *ids, at=now(), traceparent=current_traceparent()):
            on_mail(tx)

    consumer.on(RecallNoticedV1, recall_noticed)
    return consumer


def subscribe(consumer: Consumer, on_mail: OnMail) -> None:
    async def mail_requested(tx: Tx, event: CodeRequested | NoticeRequested, _: Envelope) -> None:
        await add_mail(tx, new_id(), request_of(event), now(), current_traceparent())
        on_mail(tx)

    for event in _KINDS:
        consumer.on(event, mail_requested)
    consumer.on(ContactChangedV1, contact_changed)
    consumer.on_tombstone(CONTACT, contact_erased)


async def contact_changed(tx: Tx, event: ContactChangedV1, envelope: Envelope) -> None:
    """The newest way to reach an account is kept; recalls and newsletters that are under way go there."""
    await contacts.save_contact(
        tx,
        event.account_id,
        event.address,
        known_locale(event.locale),
        newsletter=event.newsletter,
        changed_at=envelope.time,
    )
    recalls.readdress_mail(tx, event.account_id)
    if event.newsletter:
        await issues.readdress_mail(tx, event.account_id)
    else:
        await issues.withdraw_mail(tx, event.account_id)


async def contact_erased(tx: Tx, key: str) -> None:
    """A tombstone: the account's address is erased."""
    await contacts.erase_contact(tx, UUID(key))
    await issues.withdraw_mail(tx, UUID(key))
    recalls.withdraw_mail(tx, UUID(key))


async def video_changed(tx: Tx, event: VideoEvent, _: Envelope) -> None:
    """A video as it is now: one that is withheld or withdrawn leaves the issue that is under way."""
    await news.save_video(tx, event.video)


async def video_erased(tx: Tx, key: str) -> None:
    """A tombstone: the video is gone."""
    await news.erase_video(tx, UUID(key))


def request_of(event: CodeRequested | NoticeRequested) -> MailRequest:
    """A form of code that is not known yet is answered with eight digits."""
    code = event if isinstance(event, CodeRequested) else None
    return MailRequest(
        reference_id=UUID(event.key),
        kind=_KINDS[type(event)],
        generation=event.generation,
        kid=code.kid if code is not None else None,
        address=event.address,
        locale=known_locale(event.locale),
        send_before=event.send_before,
        is_long=code is not None and code.form == "long",
    )
