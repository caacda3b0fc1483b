"""One attempt to hand a claimed mail to the mail server. Takes no transaction: none may be open meanwhile."""

import logging
from collections.abc import Callable
from datetime import datetime

from opentelemetry import metrics

from newsreel_runtime.keyring import KeyRing
from notifier.domain.address import can_be_mailed
from notifier.domain.code import derive_code
from notifier.domain.failure import Failure
from notifier.domain.mail import PURPOSES, Attempt, Mail
from notifier.domain.mime import MailTemplates
from notifier.outbound_smtp import SmtpPool, Submission

_log = logging.getLogger(__name__)
_EXPIRED = Failure("send_before", "passed")
_failures = metrics.get_meter("newsreel").create_counter(
    "newsreel.mail.failures", description="Attempts that the mail server did not take, by step and reply."
)


async def deliver_mail(
    mail: Mail,
    smtp: SmtpPool,
    templates: MailTemplates,
    keys: KeyRing,
    *,
    at: datetime,
    holds: Callable[[], bool],
) -> Attempt:
    """Derive the code, fill in the template, talk SMTP. The code exists in here only.

    The mail is not handed over once `holds` says that the lease has run out: another sender may have it.
    """
    message = _message(mail, templates, keys, at)
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


def _message(mail: Mail, templates: MailTemplates, keys: KeyRing, at: datetime) -> bytes | Attempt:
    if at >= mail.send_before:
        return Attempt("too-late")
    if not can_be_mailed(mail.address):
        return Attempt("refused", failure=Failure("address", "not one plain mailbox", reason="address"))
    code = None
    if mail.kid is not None:
        key = keys.get(mail.kid)
        if key is None:
            return Attempt("postponed", failure=Failure("key", f"{mail.kid} is not in NEWSREEL_CODE_KEYS"))
        code = derive_code(key, PURPOSES[mail.kind], mail.reference_id, mail.generation)
    return templates.fill_in(mail, code, at)
