"""Kafka in: what became of the mails."""

from identity.usecases.record_acceptance import record_acceptance
from newsreel_events import Envelope
from newsreel_events.notifier import MailAcceptedV1
from newsreel_runtime.consumer.consumer import Consumer
from newsreel_runtime.transaction import Tx


async def mail_accepted(tx: Tx, event: MailAcceptedV1, _: Envelope) -> None:
    """The code's 30 minutes begin."""
    await record_acceptance(tx, event.reference_id, event.generation, event.kind, event.occurred_at)


def subscribe(consumer: Consumer) -> None:
    """All that identity listens to."""
    consumer.on(MailAcceptedV1, mail_accepted)
