"""Attempts have ended: write what became of the mails, and tell the others, in one transaction."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from opentelemetry import context, metrics

from newsreel_runtime.transaction import Tx
from notifier.domain.mail import NEWSLETTER, RECALL, Attempt, Kind, Mail, change_after
from notifier.outbound_events import emit_mail_event, emit_notice_mailed
from notifier.store import recalls
from notifier.store.contacts import address_refused
from notifier.store.queue import MailQueue

_log = logging.getLogger(__name__)
_losses = metrics.get_meter("newsreel").create_counter(
    "newsreel.mail.unknown", description="Attempts whose outcome nobody knows; the mail is sent once more."
)


@dataclass(frozen=True)
class Outcome:
    """The end of an attempt `at`. `jitter` in [0, 1) spreads retries; `trace` is the mail job's."""

    mail: Mail
    attempt: Attempt
    at: datetime
    jitter: float
    trace: context.Context


async def record_outcomes(tx: Tx, queue: MailQueue, outcomes: Sequence[Outcome]) -> set[UUID]:
    """The mails that were changed. The others had gone to another sender meanwhile: no event is emitted.

    Of newsletters the bus hears nothing; who refuses one, or a recall, for good gets no other.
    """
    changes = [
        (outcome.mail, change_after(outcome.mail, outcome.attempt, outcome.at, outcome.jitter))
        for outcome in outcomes
    ]
    changed = await queue.save_changes(tx, changes)
    for outcome, (mail, change) in zip(outcomes, changes, strict=True):
        if change.event is None or mail.mail_id not in changed:
            continue
        if mail.kind == NEWSLETTER:
            if change.event == "bounced":
                await address_refused(tx, mail.reference_id, mail.address)
        elif mail.kind == RECALL:
            emit_notice_mailed(tx, mail.reference_id, change.event, outcome.at)
            if change.event == "bounced":
                recalls.address_refused(tx, mail.mail_id, mail.address)
        else:
            token = context.attach(outcome.trace)
            try:
                failure = outcome.attempt.failure
                emit_mail_event(
                    tx, mail, change.event, outcome.at, failure.reason if failure is not None else None
                )
            finally:
                context.detach(token)
    return changed


def count_loss(kind: Kind, reference_id: UUID, generation: int, losses: int) -> None:
    """A mail may or may not have been handed over: operators see that."""
    _losses.add(1, {"newsreel.mail.kind": kind})
    known = {"kind": kind, "reference_id": str(reference_id), "generation": generation, "losses": losses}
    _log.warning("a mail's outcome is unknown", extra=known)
