"""The conversation with the mail server: a few connections, kept open, each command under its own limit.

Called with no transaction open. Knows for each attempt whether the mail may have been taken.
"""

import asyncio
import contextlib
import re
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import SystemRandom
from typing import Literal

from aiosmtplib import (
    SMTP,
    SMTPException,
    SMTPHeloError,
    SMTPResponseException,
    SMTPServerDisconnected,
)
from opentelemetry.trace import Span, SpanKind
from pydantic import SecretStr

from newsreel_runtime.clock import now
from newsreel_runtime.telemetry import span
from notifier.domain.failure import CLOSING, Failure, Step, refusal
from notifier.domain.mail import Attempt
from notifier.errors import NotOfferedError
from notifier.outbound_socket import open_socket

_IDLE_LIMIT = 30.0  # seconds that a connection is kept without use
_ASIDE_LIMIT = 1.0  # seconds for RSET and QUIT, on which no mail depends
_FIRST_PAUSE = 0.5  # seconds
_LONGEST_PAUSE = 10.0  # seconds between tries while the server is away
_LONGEST_REFUSED_PAUSE = 60.0  # seconds, when it refuses us: a login that is tried too often gets locked
_FAILURE_SHOWN = 900.0  # seconds of readiness without a further attempt; above the longest limit and back-off
_START_INPUT = 354
_LEADING_DOT = re.compile(rb"(?m)^\.")
_random = SystemRandom()


@dataclass(frozen=True)
class SmtpLimits:
    """Seconds to wait in each step: RFC 5321 §4.5.3.2 asks for these at least, and leaves `connect` open.

    `kept` is for MAIL on a kept connection, which may be half-open; a new one is given the whole `command`.
    """

    connect: float = 30.0
    kept: float = 5.0
    greeting: float = 300.0
    command: float = 300.0
    data: float = 120.0
    block: float = 180.0
    end: float = 600.0


@dataclass(frozen=True)
class SmtpServer:
    """Where the mail server is and how to speak to it."""

    host: str
    port: int
    tls: Literal["none", "starttls", "implicit"]
    user: str | None = None
    password: SecretStr | None = None  # asked for at each login
    limits: SmtpLimits = SmtpLimits()
    tls_context: ssl.SSLContext | None = None


@dataclass(frozen=True)
class Submission:
    """One mail for one recipient: handed over before `send_before` and while `holds` says so, or never."""

    recipient: str
    message: bytes
    send_before: datetime
    holds: Callable[[], bool]


@dataclass(eq=False)
class _Progress:
    """How far a conversation came. Once `transmitted`, nobody knows without the server's answer."""

    limit: asyncio.Timeout
    step: Step = "connect"
    transmitted: bool = False


class SmtpPool:
    """Up to `size` connections to one server; opened when needed, closed when idle."""

    def __init__(self, server: SmtpServer, sender: str, size: int = 8) -> None:
        self._server = server
        self._sender = sender
        self._slots = asyncio.Semaphore(size)
        self._waiting = 0
        self._under_way: set[_Progress] = set()
        self._idle: list[tuple[SMTP, float]] = []
        self._failures = 0
        self._away_until = datetime.min.replace(tzinfo=UTC)
        self._draining = False
        self._failed: tuple[Failure, float] | None = None

    def away_until(self) -> datetime | None:
        """When the server, which is away, is tried again; nothing when the last try reached it."""
        return self._away_until if self._away_until > now() else None

    def why_not_ready(self, later: float = 0.0) -> str | None:
        """The last attempt's failure, if it was ours. Forgotten when nothing was tried for a long time.

        `later`: as seen that many seconds from now.
        """
        if self._failed is None or self._failed[1] + _FAILURE_SHOWN < time.monotonic() + later:
            return None
        return f"no mail goes out: {self._failed[0]}"

    def drain(self, seconds: float) -> None:
        """From now on begin no conversation. Those under way have `seconds` until the mail is transmitted."""
        self._draining = True
        for _ in range(self._waiting):
            self._slots.release()
        for progress in self._under_way:
            if not progress.transmitted:
                progress.limit.reschedule(asyncio.get_running_loop().time() + seconds)

    async def submit(self, mail: Submission) -> Attempt:
        """Hand the mail over, or say why not. Waits for a free connection first. Raises nothing of SMTP's."""
        self._waiting += 1
        try:
            async with asyncio.timeout((mail.send_before - now()).total_seconds()):
                await self._slots.acquire()
        except TimeoutError:
            return Attempt("too-late")
        finally:
            self._waiting -= 1
        try:
            if now() >= mail.send_before:
                return Attempt("too-late")
            if self._draining or not mail.holds():
                return Attempt("not-begun")
            if (retry_at := self.away_until()) is not None:
                return Attempt("postponed", retry_at=retry_at)
            attributes: dict[str, str | int] = {
                "server.address": self._server.host,
                "server.port": self._server.port,
            }
            with span("smtp.deliver", SpanKind.CLIENT, attributes=attributes) as opened:
                attempt = await self._attempt(mail)
                _describe(opened, attempt)
        finally:
            self._slots.release()
        if attempt.failure is not None and attempt.failure.fault == "ours":
            self._failed = attempt.failure, time.monotonic()
        elif attempt.code is not None and attempt.result in {"accepted", "refused"}:
            self._failed = None
        return attempt

    async def greet(self) -> Failure | None:
        """Open a connection, logged in and ready for mail, and leave; says why that is not to be had."""
        progress = _Progress(asyncio.timeout(None))
        try:
            await _leave(await self._connect(progress))
        except (SMTPException, OSError, NotOfferedError) as error:
            return _failure(progress.step, error)
        return None

    async def close_idle(self, longest: float = _IDLE_LIMIT) -> None:
        """Close connections that were not used for `longest` seconds."""
        oldest = time.monotonic() - longest
        leaving = [connection for connection, used in self._idle if used <= oldest]
        self._idle = [kept for kept in self._idle if kept[1] > oldest]
        await asyncio.gather(*(_leave(connection) for connection in leaving))

    async def _attempt(self, mail: Submission) -> Attempt:
        progress = _Progress(asyncio.timeout(None))
        self._under_way.add(progress)
        try:
            async with progress.limit:
                return await self._converse(mail, progress)
        except (SMTPException, OSError, NotOfferedError) as error:
            if progress.limit.expired():
                return Attempt("not-begun")
            failure = _failure(progress.step, error)
        finally:
            self._under_way.discard(progress)
        answered = failure.code is not None and 400 <= failure.code <= 599
        if progress.transmitted and not answered:
            return Attempt("lost", failure.code, failure)
        if failure.reason is not None and (failure.code is None or failure.code >= 500):
            return Attempt("refused", failure.code, failure)
        if progress.step not in {"rcpt", "data"} or failure.code in {None, CLOSING}:
            return Attempt("postponed", failure.code, failure, self._note_failure(failure))
        return Attempt("postponed", failure.code, failure)

    async def _converse(self, mail: Submission, progress: _Progress) -> Attempt:
        connection = await self._begun(mail, progress)
        kept = False
        try:
            if not mail.recipient.isascii() and not connection.supports_extension("smtputf8"):
                kept = True
                failure = Failure("address", "the mail server does not offer SMTPUTF8", reason="smtputf8")
                return Attempt("refused", failure=failure)
            progress.step = "rcpt"
            try:
                await connection.rcpt(mail.recipient, encoding="utf-8")
            except SMTPResponseException as error:
                kept = error.code != CLOSING and await _reset(connection)
                raise
            if (stopped := _stopped(mail)) is not None:
                kept = await _reset(connection)
                return stopped
            progress.step = "data"
            attempt = await self._transmit(connection, mail, progress)
            kept = attempt.result == "accepted"
            return attempt
        finally:
            if kept:
                self._idle.append((connection, time.monotonic()))
            else:
                connection.close()

    async def _transmit(self, connection: SMTP, mail: Submission, progress: _Progress) -> Attempt:
        """DATA in two steps, each with its limit: what the server may be given is asked again in between."""
        limits = self._server.limits
        begun = await connection.execute_command(b"DATA", timeout=limits.data)
        if begun.code != _START_INPUT:
            raise SMTPResponseException(begun.code, begun.message)
        if (stopped := _stopped(mail)) is not None:
            return stopped  # only the end of the connection takes a DATA back
        protocol = connection.protocol
        if protocol is None:
            raise SMTPServerDisconnected("Connection lost")
        protocol.write(_LEADING_DOT.sub(b"..", mail.message) + b".\r\n")
        progress.transmitted = True
        progress.limit.reschedule(None)
        answer = await protocol.read_response(timeout=limits.block + limits.end)
        if not 200 <= answer.code <= 299:
            raise SMTPResponseException(answer.code, answer.message)
        return Attempt("accepted", answer.code)

    async def _begun(self, mail: Submission, progress: _Progress) -> SMTP:
        """A connection on which MAIL succeeded.

        A kept connection may be dead, or used up, without our knowing. Nothing of the mail has left then:
        a new connection is tried, where the server says the same if it meant the mail.
        """
        limits = self._server.limits
        while self._idle:
            connection, _ = self._idle.pop()
            if not connection.is_connected:
                connection.close()
                continue
            progress.step = "mail"
            try:
                return await self._mail(connection, mail, min(limits.kept, limits.command))
            except (SMTPResponseException, SMTPServerDisconnected, OSError) as error:
                half_open = self._idle if isinstance(error, TimeoutError) else []  # the others are as dead
                for dead in (connection, *(kept for kept, _ in half_open)):
                    dead.close()
                half_open.clear()
        connection = await self._connect(progress)
        progress.step = "mail"
        try:
            await self._mail(connection, mail, limits.command)
        except BaseException:
            connection.close()
            raise
        self._failures = 0
        return connection

    async def _mail(self, connection: SMTP, mail: Submission, limit: float) -> SMTP:
        if mail.recipient.isascii():
            await connection.mail(self._sender, timeout=limit)
        elif connection.supports_extension("smtputf8"):
            await connection.mail(self._sender, options=["SMTPUTF8", "BODY=8BITMIME"], timeout=limit)
        return connection

    async def _connect(self, progress: _Progress) -> SMTP:
        server, limits = self._server, self._server.limits
        progress.step = "connect"
        connection = SMTP(
            hostname=server.host,
            sock=await open_socket(server.host, server.port, connect=limits.connect, silence=limits.block),
            local_hostname=self._sender.rpartition("@")[2],
            timeout=limits.command,
            use_tls=server.tls == "implicit",
            start_tls=False,
            tls_context=server.tls_context,
        )
        try:
            progress.step = "greeting"
            await connection.connect(timeout=limits.greeting)
            progress.step = "ehlo"
            await _hello(connection)
            if server.tls == "starttls":
                progress.step = "starttls"
                _require(connection.supports_extension("starttls"))
                await connection.starttls()
                progress.step = "ehlo"
                await _hello(connection)
            if server.user is not None:
                progress.step = "auth"
                _require(bool(connection.supported_auth_methods))
                await connection.login(
                    server.user, server.password.get_secret_value() if server.password else ""
                )
        except BaseException:
            connection.close()
            raise
        return connection

    def _note_failure(self, failure: Failure) -> datetime:
        """Try the server no more for a while, longer each time; says until when."""
        at = now()
        if self._away_until <= at:
            self._failures += 1
            refused = failure.code is not None and failure.code >= 500
            longest = _LONGEST_REFUSED_PAUSE if refused else _LONGEST_PAUSE
            pause = min(_FIRST_PAUSE * 2.0 ** min(self._failures - 1, 16), longest)
            self._away_until = at + timedelta(seconds=pause * (1 - _random.random() / 2))
        return self._away_until


def _stopped(mail: Submission) -> Attempt | None:
    if now() >= mail.send_before:
        return Attempt("too-late")
    return None if mail.holds() else Attempt("not-begun")


def _require(offered: bool) -> None:
    if not offered:
        raise NotOfferedError


def _failure(step: Step, error: Exception) -> Failure:
    if isinstance(error, SMTPResponseException):
        return refusal(step, error.code, error.message)
    return Failure(step, _name(error))


def _name(error: Exception) -> str:
    """The error's type without its message, which may repeat what a server said."""
    if isinstance(error, TimeoutError):
        return "TimeoutError"
    return (
        "not offered" if isinstance(error, NotOfferedError) else type(error.__cause__ or error).__qualname__
    )


def _describe(opened: Span, attempt: Attempt) -> None:
    opened.set_attribute("newsreel.mail.result", attempt.result)
    if attempt.code is not None:
        opened.set_attribute("newsreel.smtp.reply_code", attempt.code)


async def _hello(connection: SMTP) -> None:
    """EHLO, and HELO to servers that do not know it (RFC 5321 §3.2)."""
    try:
        await connection.ehlo()
    except SMTPHeloError as error:
        if error.code < 500:
            raise
        await connection.helo()


async def _reset(connection: SMTP) -> bool:
    """Whether the connection is good for another mail."""
    with contextlib.suppress(SMTPException, OSError):
        await connection.rset(timeout=_ASIDE_LIMIT)
        return True
    return False


async def _leave(connection: SMTP) -> None:
    with contextlib.suppress(SMTPException, OSError):
        await connection.quit(timeout=_ASIDE_LIMIT)
    connection.close()
