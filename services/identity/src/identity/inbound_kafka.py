"""Kafka in: what became of the mails."""

from identity.store import codes
from newsreel_events import Envelope
from newsreel_events.notifier import MailAcceptedV1
from newsreel_runtime.consumer.consumer import Consumer
from newsreel_runtime.database import Database
from newsreel_runtime.settings import Kafka
from newsreel_runtime.transaction import Tx

GROUP = "identity"
_CODES = frozenset({"signup_code", "reset_code"})


def create_consumer(kafka: Kafka, database: Database) -> Consumer:
    consumer = Consumer(GROUP, kafka, database)
    consumer.on(MailAcceptedV1, mail_accepted)
    return consumer


async def mail_accepted(tx: Tx, event: MailAcceptedV1, _: Envelope) -> None:
    """The 30 minutes of the mail's code begin; a notice has no code."""
    if event.kind in _CODES:
        codes.record_accepted(tx, event.reference_id, event.generation, event.occurred_at)
