"""The conversation with the mail server: a few connections, kept open, each command under a limit.

Called with no transaction open. Knows for each attempt whether the mail may have been taken.
"""

import asyncio
import contextlib
import ssl
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import SystemRandom
from typing import Literal

from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)
from opentelemetry.trace import Span, SpanKind

from newsreel_runtime.clock import now
from newsreel_runtime.telemetry import span
from notifier.domain.mail import Delivery
from notifier.errors import ServerAwayError

_IDLE_LIMIT = 30.0  # seconds that a connection is kept without use
_QUIT_LIMIT = 1.0  # seconds for a farewell
_FIRST_PAUSE = 0.5  # seconds
_LONGEST_PAUSE = 10.0  # seconds between looks at a server that is away
_BROKEN = (SMTPServerDisconnected, SMTPTimeoutError, ConnectionError, TimeoutError)
_CLOSING = 421  # RFC 5321 §3.8: the server is about to close the connection
_random = SystemRandom()


@dataclass(frozen=True)
class SmtpServer:
    """Where the mail server is and how to speak to it. `timeout` is seconds for one command."""

    host: str
    port: int
    tls: Literal["none", "starttls", "implicit"]
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout: float = 10.0
    tls_context: ssl.SSLContext | None = None


@dataclass(frozen=True)
class Envelope:
    """One mail for one recipient. It may be handed over before `send_before` only.

    The conversation begins before `begin_before` or not at all, and is cut off at `end_by`.
    """

    recipient: str
    message: bytes
    send_before: datetime
    begin_before: datetime
    end_by: datetime


@dataclass
class _Attempt:
    """How far a conversation came: after `transmitting` nobody knows without the server's answer."""

    transmitting: bool = False


class SmtpPool:
    """Up to `size` connections to one server; opened when needed, closed when idle."""

    def __init__(self, server: SmtpServer, sender: str, size: int = 8) -> None:
        self._server = server
        self._sender = sender
        self._slots = asyncio.Semaphore(size)
        self._idle: list[tuple[SMTP, float]] = []
        self._failures = 0
        self._away_until = datetime.min.replace(tzinfo=UTC)
        self._draining = False

    def away_until(self) -> datetime | None:
        """When the server, which is away, is looked for again; nothing when it was there at the last look."""
        return self._away_until if self._away_until > now() else None

    def drain(self) -> None:
        """From now on begin no conversation; those under way go on to their end."""
        self._draining = True

    async def deliver(self, envelope: Envelope) -> Delivery:
        """Hand the mail over, or say why not. Waits for a free connection first. Raises nothing of SMTP's."""
        if now() >= envelope.send_before:
            return Delivery("too-late")
        async with self._slots:
            at = now()
            if at >= envelope.send_before:
                return Delivery("too-late")
            if self._draining or at >= envelope.begin_before:
                return Delivery("not-begun")
            if (retry_at := self.away_until()) is not None:
                return Delivery("postponed", retry_at=retry_at)
            attributes: dict[str, str | int] = {
                "server.address": self._server.host,
                "server.port": self._server.port,
            }
            with span("smtp.deliver", SpanKind.CLIENT, attributes=attributes) as opened:
                delivery = await self._attempt(envelope)
                _describe(opened, delivery)
                return delivery

    async def close_idle(self, longest: float = _IDLE_LIMIT) -> None:
        """Take leave of connections that were not used for `longest` seconds."""
        oldest = time.monotonic() - longest
        leaving = [connection for connection, used in self._idle if used <= oldest]
        self._idle = [kept for kept in self._idle if kept[1] > oldest]
        await asyncio.gather(*(_leave(connection) for connection in leaving))

    async def _attempt(self, envelope: Envelope) -> Delivery:
        attempt = _Attempt()
        try:
            async with asyncio.timeout((envelope.end_by - now()).total_seconds()):
                return await self._converse(envelope, attempt)
        except ServerAwayError as error:
            return Delivery("postponed", error.reply, self._note_failure())
        except SMTPResponseException as error:
            return self._judge(error, attempt)
        except _BROKEN:
            if attempt.transmitting:
                return Delivery("lost")
            return Delivery("postponed", retry_at=self._note_failure())
        except SMTPException:
            return Delivery("lost" if attempt.transmitting else "postponed")

    def _judge(self, error: SMTPResponseException, attempt: _Attempt) -> Delivery:
        """RFC 5321 §4.2.1: 4yz is for later, 5yz for good. A refused sender is our fault, not the mail's."""
        if attempt.transmitting and not 400 <= error.code <= 599:  # no answer that means anything
            return Delivery("lost", error.code)
        if error.code == _CLOSING:
            return Delivery("postponed", error.code, self._note_failure())
        if isinstance(error, SMTPRecipientRefused | SMTPDataError) and error.code >= 500:
            return Delivery("refused", error.code)
        return Delivery("postponed", error.code)

    async def _converse(self, envelope: Envelope, attempt: _Attempt) -> Delivery:
        connection = await self._begun(envelope)
        if connection is None:
            return Delivery("refused")
        kept = False
        try:
            encoding = "ascii" if envelope.recipient.isascii() else "utf-8"
            try:
                await connection.rcpt(envelope.recipient, encoding=encoding)
            except SMTPRecipientRefused as error:
                kept = error.code != _CLOSING and await _reset(connection)
                raise
            if now() >= envelope.send_before:
                kept = await _reset(connection)
                return Delivery("too-late")
            attempt.transmitting = True
            reply = await connection.data(envelope.message)
            kept = True
            return Delivery("accepted", reply.code)
        finally:
            if kept:
                self._idle.append((connection, time.monotonic()))
            else:
                connection.close()

    async def _begun(self, envelope: Envelope) -> SMTP | None:
        """A connection on which MAIL succeeded; None when the server cannot take such an address.

        A kept-open connection may be dead without our knowing. Nothing of the mail has left then: a new one
        is tried.
        """
        while self._idle:
            connection, _ = self._idle.pop()
            if not connection.is_connected:
                connection.close()
                continue
            try:
                return await self._mail(connection, envelope)
            except _BROKEN:
                connection.close()
            except SMTPResponseException as error:
                connection.close()
                if error.code != _CLOSING:
                    raise
        connection = await self._connect()
        try:
            return await self._mail(connection, envelope)
        except BaseException:
            connection.close()
            raise

    async def _mail(self, connection: SMTP, envelope: Envelope) -> SMTP | None:
        if envelope.recipient.isascii():
            await connection.mail(self._sender)
            return connection
        if not connection.supports_extension("smtputf8"):
            self._idle.append((connection, time.monotonic()))
            return None
        await connection.mail(self._sender, options=["SMTPUTF8", "BODY=8BITMIME"])
        return connection

    async def _connect(self) -> SMTP:
        server = self._server
        connection = SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            local_hostname=self._sender.rpartition("@")[2],
            timeout=server.timeout,
            use_tls=server.tls == "implicit",
            start_tls=server.tls == "starttls",
            tls_context=server.tls_context,
        )
        try:
            await connection.connect()
            if connection.is_ehlo_or_helo_needed:
                await connection.ehlo()
        except (SMTPException, OSError, ssl.SSLError) as error:
            connection.close()
            raise ServerAwayError(getattr(error, "code", None)) from error
        except BaseException:
            connection.close()
            raise
        self._failures = 0
        return connection

    def _note_failure(self) -> datetime:
        """Leave the server in peace for a while, longer each time; says until when."""
        at = now()
        if self._away_until <= at:
            self._failures += 1
            pause = min(_FIRST_PAUSE * 2.0 ** min(self._failures - 1, 16), _LONGEST_PAUSE)
            self._away_until = at + timedelta(seconds=pause * (1 - _random.random() / 2))
        return self._away_until


def _describe(opened: Span, delivery: Delivery) -> None:
    opened.set_attribute("newsreel.mail.result", delivery.result)
    if delivery.reply is not None:
        opened.set_attribute("newsreel.smtp.reply_code", delivery.reply)


async def _reset(connection: SMTP) -> bool:
    """Whether the connection is good for another mail."""
    with contextlib.suppress(SMTPException, OSError):
        await connection.rset()
        return True
    return False


async def _leave(connection: SMTP) -> None:
    with contextlib.suppress(SMTPException, OSError):
        await connection.quit(timeout=_QUIT_LIMIT)
    connection.close()
