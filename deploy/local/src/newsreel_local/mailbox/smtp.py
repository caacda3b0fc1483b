"""The SMTP side: takes any mail for anybody, answers 250 when it is in its file."""

from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from newsreel_local.mailbox.mail_store import MailStore


class _Handler:
    def __init__(self, mails: MailStore) -> None:
        self._mails = mails

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        mail = await self._mails.keep(envelope.mail_from or "", envelope.rcpt_tos, content)
        return f"250 2.0.0 kept as {mail.id}"


def protocol(mails: MailStore) -> Any:
    """The protocol of one connection, for the event loop's `create_server`."""
    return SMTP(_Handler(mails), hostname="localhost", enable_SMTPUTF8=True, decode_data=False)
