"""A mail was asked for on the bus: put it into the queue."""

from datetime import datetime

from newsreel_runtime.ids import new_id
from newsreel_runtime.transaction import Tx
from notifier import store
from notifier.domain.mail import MailRequest


async def queue_mail(tx: Tx, request: MailRequest, at: datetime, traceparent: str | None) -> None:
    """Queue the mail once, whatever doubles or replays the event. `traceparent` continues in its sending."""
    await store.add_mail(tx, new_id(), request, at, traceparent)
