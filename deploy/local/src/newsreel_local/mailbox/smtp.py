"""The SMTP side: takes any mail for anybody, answers 250 when it is in its file."""

from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from newsreel_local.mailbox.letters import Letters


class _Handler:
    def __init__(self, letters: Letters) -> None:
        self._letters = letters

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        letter = await self._letters.keep(envelope.mail_from or "", envelope.rcpt_tos, content)
        return f"250 2.0.0 kept as {letter.id}"


def protocol(letters: Letters) -> Any:
    """The protocol of one connection, for the event loop's `create_server`."""
    return SMTP(_Handler(letters), hostname="localhost", enable_SMTPUTF8=True, decode_data=False)
