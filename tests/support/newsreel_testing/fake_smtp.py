"""A mail server that misbehaves when told to, and mails to send to it."""

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from ssl import SSLContext
from typing import Any

from aiosmtpd.smtp import SMTP

from newsreel_runtime.clock import now
from newsreel_runtime.database import Database
from newsreel_runtime.ids import new_id
from newsreel_runtime.keyring import KeyRing
from newsreel_testing.wait_until import until
from notifier.domain.mail import Kind, Locale, Mail, MailRequest
from notifier.domain.mime import MailTemplates
from notifier.domain.sender import Sender
from notifier.outbound_smtp import SmtpLimits, SmtpPool, SmtpServer
from notifier.store.queue import CODES, add_mail
from notifier.templates import read_texts
from notifier.usecases.write_mail import code_writer
from notifier.worker.sender import MailSender

SENDER = Sender.parse("Newsreel <no-reply@newsreel.test>")
PORTAL = "https://portal.test"
ADDRESS = "reporter@desk.example"
KEYS = KeyRing({"k1": bytes(range(32))})


@dataclass(frozen=True)
class Arrived:
    """A mail that the server took: its envelope, its bytes, and when."""

    sender: str
    recipients: list[str]
    content: bytes
    at: datetime = field(default_factory=now)

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=SMTP_POLICY)


class _Session(SMTP):
    """One connection. Greeting, EHLO, HELO, AUTH and the answer to DATA are scripted as well."""

    def __init__(self, owner: "MailServer", **options: Any) -> None:
        super().__init__(owner, hostname="mx.test", loop=asyncio.get_running_loop(), **options)
        self.owner = owner

    async def push(self, status: Any) -> None:
        """The greeting and the answer to DATA have no handler of aiosmtpd's."""
        step = {"220 mx": "GREETING", "354 En": "354"}.get(str(status)[:6], "")
        await super().push(await self.owner.answer(step, self) or status)

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802
        """Aiosmtpd calls it for EHLO."""
        if reply := await self.owner.answer("EHLO", self):
            await self.push(reply)
        else:
            await super().smtp_EHLO(hostname)

    async def smtp_AUTH(self, arg: str) -> None:  # noqa: N802
        """Aiosmtpd calls it for AUTH."""
        await self.push(await self.owner.answer("AUTH", self) or "235 2.7.0 welcome")


class MailServer:
    """An SMTP server in the test's own loop.

    `replies["RCPT"]` (GREETING, EHLO, AUTH, MAIL, RCPT, 354, DATA) are given before good ones. "hang" never
    answers, "wait" answers well once `go` is set, "drop" cuts the connection; at DATA the mail is taken then.
    """

    def __init__(
        self, *, smtputf8: bool = True, tls: SSLContext | None = None, authenticates: bool = False
    ) -> None:
        self.arrived: list[Arrived] = []
        self.replies: dict[str, deque[str]] = defaultdict(deque)
        self.connections = 0
        self.open: set[SMTP] = set()
        self.hanging = asyncio.Event()
        self.go = asyncio.Event()
        self.port = 0
        self._options = {
            "enable_SMTPUTF8": smtputf8,
            "tls_context": tls,
            "require_starttls": tls is not None,
            "auth_require_tls": not authenticates,
            "authenticator": (lambda *_: None) if authenticates else None,
        }
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen; on the same port again after `stop`."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._protocol, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and cut every connection."""
        if self._server is not None:
            self._server.close()
        self.cut()

    def cut(self) -> None:
        """Cut every connection that is open now."""
        for protocol in self.open:
            cut(protocol)
        self.open.clear()

    def _protocol(self) -> SMTP:
        self.connections += 1
        protocol = _Session(self, **self._options)
        self.open.add(protocol)
        return protocol

    async def answer(self, command: str, server: SMTP) -> str | None:
        """What was scripted for this command, if anything."""
        if not self.replies[command]:
            return None
        reply = self.replies[command].popleft()
        if reply in {"hang", "wait"}:
            self.hanging.set()
            await (asyncio.Event() if reply == "hang" else self.go).wait()
            return None
        if reply == "drop":
            cut(server)
        return reply

    async def handle_MAIL(self, server: SMTP, _: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        """Aiosmtpd calls it for MAIL FROM."""
        reply = await self.answer("MAIL", server)
        if reply is not None:
            return reply
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 ok"

    async def handle_RCPT(self, server: SMTP, _: Any, envelope: Any, address: str, __: Any) -> str:  # noqa: N802
        """Aiosmtpd calls it for RCPT TO."""
        reply = await self.answer("RCPT", server)
        if reply is not None:
            return reply
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: SMTP, _: Any, envelope: Any) -> str:  # noqa: N802
        """Aiosmtpd calls it when the whole mail is there."""
        reply = self.replies["DATA"][0] if self.replies["DATA"] else None
        if reply is None or reply in {"drop", "wait"}:
            self.arrived.append(Arrived(envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return await self.answer("DATA", server) or "250 taken"


def cut(protocol: SMTP) -> None:
    """End a connection as a crash would."""
    transport = protocol.transport
    if isinstance(transport, asyncio.WriteTransport) and not transport.is_closing():
        transport.abort()


@asynccontextmanager
async def mail_server(
    *, smtputf8: bool = True, tls: SSLContext | None = None, authenticates: bool = False
) -> AsyncIterator[MailServer]:
    """A running mail server."""
    server = MailServer(smtputf8=smtputf8, tls=tls, authenticates=authenticates)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


def a_pool(server: MailServer, limits: SmtpLimits | None = None, size: int = 8) -> SmtpPool:
    """Plain SMTP to that server."""
    known = SmtpServer("127.0.0.1", server.port, "none", limits=limits or SmtpLimits())
    return SmtpPool(known, SENDER.address, size)


def a_request(kind: Kind = "signup_code", locale: Locale = "en", address: str = ADDRESS) -> MailRequest:
    """A mail that may be sent for half an hour."""
    kid = "k1" if kind in {"signup_code", "reset_code"} else None
    return MailRequest(new_id(), kind, 1, kid, address, locale, now() + timedelta(minutes=30))


def a_mail(request: MailRequest | None = None) -> Mail:
    """A claimed mail."""
    wanted = request or a_request()
    return Mail(
        mail_id=new_id(),
        reference_id=wanted.reference_id,
        kind=wanted.kind,
        generation=wanted.generation,
        kid=wanted.kid,
        address=wanted.address,
        locale=wanted.locale,
        send_before=wanted.send_before,
        attempts=1,
        failures=0,
        losses=0,
        delay_told=False,
        traceparent=None,
        is_long=wanted.is_long,
    )


@dataclass(frozen=True)
class Row:
    """What the tests look at in a row of the queue."""

    state: str
    attempts: int
    losses: int
    address: str | None
    next_at: datetime
    lease_until: datetime | None
    ended_at: datetime | None


class Queue:
    """A real queue in a real database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def add(
        self,
        request: MailRequest | None = None,
        traceparent: str | None = None,
        sender: MailSender | None = None,
    ) -> MailRequest:
        """Queue a mail as the Kafka handler does, in the process of `sender` or in another."""
        wanted = request or a_request()
        async with self.database.begin() as tx:
            await add_mail(tx, new_id(), wanted, now(), traceparent)
            if sender is not None:
                sender.queued(tx)
        return wanted

    async def execute(self, sql: str, *values: object) -> None:
        """Set a scene."""
        async with self.database.read() as connection:
            await connection.execute(sql, *values)

    async def row(self, request: MailRequest) -> Row:
        """The row of that mail."""
        sql = (
            "SELECT state, attempts, losses, address, next_at, lease_until, ended_at FROM mail"
            " WHERE reference_id = $1"
        )
        async with self.database.read() as connection:
            found = await connection.fetchrow(sql, request.reference_id)
        assert found is not None
        return Row(**found)

    async def in_state(self, request: MailRequest, state: str) -> Row | None:
        """The row once it is in that state; for `until`."""
        row = await self.row(request)
        return row if row.state == state else None

    async def events(self) -> list[str]:
        """The last part of each event type in the outbox, oldest first."""
        async with self.database.read() as connection:
            rows = await connection.fetch("SELECT type FROM outbox ORDER BY seq")
        return [row["type"].split(".")[-2] for row in rows]

    async def reasons(self) -> list[str]:
        """The reasons of the bounces in the outbox."""
        async with self.database.read() as connection:
            rows = await connection.fetch(
                "SELECT payload FROM outbox WHERE type LIKE '%bounced%' ORDER BY seq"
            )
        return [json.loads(row["payload"])["reason"] for row in rows]


@asynccontextmanager
async def sending(
    database: Database, pool: SmtpPool, lease: float = 60.0, keys: KeyRing = KEYS
) -> AsyncIterator[MailSender]:
    """A sender at work; stopped in order at the end."""
    write = code_writer(MailTemplates(read_texts(), SENDER, PORTAL), keys)
    sender = MailSender(database, CODES, pool, write, timedelta(seconds=lease))
    stopping = asyncio.Event()
    task = asyncio.create_task(sender.run(stopping))
    try:
        yield sender
    finally:
        stopping.set()
        sender.wake()
        await task


def later(request: MailRequest, seconds: float) -> MailRequest:
    """The same request, to be sent within `seconds` from now."""
    return replace(request, send_before=now() + timedelta(seconds=seconds))


async def ended(queue: Queue, request: MailRequest, state: str) -> None:
    """Return once the mail is in that state, for good: its address is erased."""
    row = await until(lambda: queue.in_state(request, state), state)
    assert row.ended_at is not None
    assert row.address is None


async def die_while_sending(queue: Queue, request: MailRequest) -> None:
    """As after a crash: claimed, and its lease is over."""
    await queue.execute(
        "UPDATE mail SET state = 'sending', attempts = attempts + 1, lease_until = $2"
        " WHERE reference_id = $1",
        request.reference_id,
        now() - timedelta(seconds=1),
    )


async def over(queue: Queue, request: MailRequest) -> bool:
    return (await queue.row(request)).ended_at is not None
