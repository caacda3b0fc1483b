"""One attempt to hand a claimed mail to the mail server. No transaction may be open meanwhile."""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

from opentelemetry import metrics

from notifier.domain.address import can_be_mailed
from notifier.domain.failure import Failure
from notifier.domain.mail import Attempt, Mail
from notifier.outbound_smtp import SmtpPool, Submission

_log = logging.getLogger(__name__)
# The mail as it goes over the wire, or why it cannot be written.
Write = Callable[[Mail, datetime], Awaitable[bytes | Attempt]]
_EXPIRED = Failure("send_before", "passed")
_failures = metrics.get_meter("newsreel").create_counter(
    "newsreel.mail.failures", description="Attempts that the mail server did not take, by step and reply."
)


async def deliver_mail(
    mail: Mail,
    smtp: SmtpPool,
    write: Write,
    *,
    at: datetime,
    holds: Callable[[], bool],
) -> Attempt:
    """Write the mail, talk SMTP.

    The mail is not handed over once `holds` says that the lease has run out: another sender may have it.
    """
    message = await _message(mail, write, at)
    if isinstance(message, Attempt):
        attempt = message
    else:
        attempt = await smtp.submit(Submission(mail.address, message, mail.send_before, holds))
    failure = _EXPIRED if attempt.result == "too-late" else attempt.failure
    if failure is not None:
        known = {"kind": mail.kind, "step": failure.step, "reply": failure.what, "fault": failure.fault}
        _failures.add(1, {f"newsreel.mail.{name}": value for name, value in known.items()})
        known |= {"reference_id": str(mail.reference_id), "generation": str(mail.generation)}
        _log.warning("mail not sent (%s): %s", attempt.result, failure, extra=known)
    return attempt


async def _message(mail: Mail, write: Write, at: datetime) -> bytes | Attempt:
    if at >= mail.send_before:
        return Attempt("too-late")
    if not can_be_mailed(mail.address):
        return Attempt("refused", failure=Failure("address", "not one plain mailbox", reason="address"))
    return await write(mail, at)
