"""Attempts have ended: write what became of the mails, and tell the others, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from opentelemetry import context

from newsreel_runtime.transaction import Tx
from notifier import store
from notifier.domain.mail import Delivery, Mail, change_after
from notifier.outbound_events import mail_notice


@dataclass(frozen=True)
class Outcome:
    """The end of an attempt `at`. `jitter` in [0, 1) spreads retries; `trace` is the mail job's."""

    mail: Mail
    delivery: Delivery
    at: datetime
    jitter: float
    trace: context.Context


async def record_outcomes(tx: Tx, outcomes: Sequence[Outcome], at: datetime) -> set[UUID]:
    """The mails that were changed. The others had been given to somebody else meanwhile: nothing is told."""
    changes = [
        (outcome.mail, change_after(outcome.mail, outcome.delivery, outcome.at, outcome.jitter))
        for outcome in outcomes
    ]
    changed = await store.save_changes(tx, changes, at)
    for outcome, (mail, change) in zip(outcomes, changes, strict=True):
        if change.notice is not None and mail.mail_id in changed:
            token = context.attach(outcome.trace)
            try:
                mail_notice(tx, mail, change.notice, outcome.at)
            finally:
                context.detach(token)
    return changed
