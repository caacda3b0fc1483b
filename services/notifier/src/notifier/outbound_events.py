"""What the notifier publishes: the end or the delay of a mail, never its address."""

from datetime import datetime

from newsreel_events.notifier import MailAcceptedV1, MailBouncedV1, MailDelayedV1, MailExpiredV1
from newsreel_runtime.transaction import Tx
from notifier.domain.mail import Mail, Notice

_EVENTS: dict[Notice, type[MailAcceptedV1 | MailDelayedV1 | MailBouncedV1 | MailExpiredV1]] = {
    "accepted": MailAcceptedV1,
    "delayed": MailDelayedV1,
    "bounced": MailBouncedV1,
    "expired": MailExpiredV1,
}


def mail_notice(tx: Tx, mail: Mail, notice: Notice, at: datetime) -> None:
    """Tell what became of the mail, as of `at`."""
    event = _EVENTS[notice]
    tx.emit(event(reference_id=mail.reference_id, generation=mail.generation, kind=mail.kind, occurred_at=at))
