"""Kafka in: what became of the mails."""

from identity.domain.challenge import Fate
from identity.store import codes
from newsreel_events import Envelope
from newsreel_events.notifier import MailAcceptedV1, MailBouncedV1, MailDelayedV1
from newsreel_runtime.consumer.consumer import Consumer
from newsreel_runtime.database import Database
from newsreel_runtime.settings import Kafka
from newsreel_runtime.transaction import Tx

GROUP = "identity"
# Mails that answer a challenge; those to strangers count alike. A mail that expires tells nothing new.
_ANSWERS = frozenset(
    {"signup_code", "reset_code", "address_code", "address_taken", "no_account", "address_wanted"}
)


def create_consumer(kafka: Kafka, database: Database) -> Consumer:
    consumer = Consumer(GROUP, kafka, database)
    consumer.on(MailAcceptedV1, mail_accepted)
    consumer.on(MailDelayedV1, mail_delayed)
    consumer.on(MailBouncedV1, mail_bounced)
    return consumer


async def mail_accepted(tx: Tx, event: MailAcceptedV1, _: Envelope) -> None:
    """The 30 minutes of the mail's code begin."""
    if event.kind in _ANSWERS:
        codes.record_accepted(tx, event.reference_id, event.generation, event.occurred_at)


async def mail_delayed(tx: Tx, event: MailDelayedV1, _: Envelope) -> None:
    """The person who waits for it is told."""
    _record(tx, event, "delayed")


async def mail_bounced(tx: Tx, event: MailBouncedV1, _: Envelope) -> None:
    """The person who waits for it is told."""
    _record(tx, event, "bounced")


def _record(tx: Tx, event: MailDelayedV1 | MailBouncedV1, fate: Fate) -> None:
    if event.kind in _ANSWERS:
        codes.record_fate(tx, event.reference_id, event.generation, fate)
