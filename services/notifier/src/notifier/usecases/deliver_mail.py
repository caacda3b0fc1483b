"""One attempt to hand a claimed mail to the mail server. Takes no transaction: none may be open meanwhile."""

import logging
from datetime import datetime, timedelta

from newsreel_runtime.keyring import KeyRing
from notifier.domain.address import can_be_mailed
from notifier.domain.code import derive_code
from notifier.domain.letter import Letters
from notifier.domain.mail import PURPOSES, Delivery, Mail
from notifier.outbound_smtp import Envelope, SmtpPool

_log = logging.getLogger(__name__)


async def deliver_mail(
    mail: Mail, smtp: SmtpPool, letters: Letters, keys: KeyRing, *, at: datetime, lease: timedelta
) -> Delivery:
    """Derive the code, fill in the letter, talk SMTP. The code exists in here only.

    The conversation begins in the first half of the lease and is cut off an eighth before its end, so that
    the outcome is written while the mail still belongs to this process.
    """
    if not can_be_mailed(mail.address):
        return Delivery("refused")
    code = None
    if mail.kid is not None:
        key = keys.get(mail.kid)
        if key is None:
            _log.error("a code's key is not on the ring", extra={"kid": mail.kid, "kind": mail.kind})
            return Delivery("postponed")
        code = derive_code(key, PURPOSES[mail.kind], mail.reference_id, mail.generation)
    envelope = Envelope(
        recipient=mail.address,
        message=letters.compose(mail, code, at),
        send_before=mail.send_before,
        begin_before=mail.lease_until - lease / 2,
        end_by=mail.lease_until - lease / 8,
    )
    return await smtp.deliver(envelope)
