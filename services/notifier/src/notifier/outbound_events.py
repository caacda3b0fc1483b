"""What the notifier publishes: the end or the delay of a mail, never its address."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from newsreel_events.notifier import (
    MailAcceptedV1,
    MailBouncedV1,
    MailDelayedV1,
    MailExpiredV1,
    NoticeMailedV1,
)
from newsreel_runtime.transaction import Tx
from notifier.domain.failure import Reason
from notifier.domain.mail import Mail, MailEvent

_EVENTS: dict[MailEvent, type[MailAcceptedV1 | MailDelayedV1 | MailBouncedV1 | MailExpiredV1]] = {
    "accepted": MailAcceptedV1,
    "delayed": MailDelayedV1,
    "bounced": MailBouncedV1,
    "expired": MailExpiredV1,
}


def emit_mail_event(tx: Tx, mail: Mail, event: MailEvent, at: datetime, reason: Reason | None) -> None:
    """Tell what became of the mail, as of `at`. `reason` is that of a bounce."""
    known = {"reference_id": mail.reference_id, "generation": mail.generation, "kind": mail.kind}
    why = {"reason": reason} if event == "bounced" else {}
    tx.emit(_EVENTS[event].model_validate(known | {"occurred_at": at} | why))


def emit_notice_mailed(
    tx: Tx, notice_id: UUID, outcome: MailEvent | Literal["unreachable"], at: datetime
) -> None:
    """Tell what became of the mail about a recall; on a topic of its own, for which no code waits."""
    tx.emit(NoticeMailedV1(notice_id=notice_id, outcome=outcome, occurred_at=at))
