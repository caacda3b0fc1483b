"""M7: mail servers that fall silent, that know no extension, or that nobody vouches for."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from newsreel_runtime.clock import now
from newsreel_testing.fake_smtp import ADDRESS, SENDER, MailServer, Queue, a_pool, ended, mail_server, sending
from newsreel_testing.wait_until import until
from notifier.outbound_smtp import SmtpLimits, SmtpPool, SmtpServer, Submission

Tls = Literal["none", "starttls", "implicit"]


def a_submission() -> Submission:
    return Submission(ADDRESS, b"Subject: x\r\n\r\nx\r\n", now() + timedelta(minutes=1), holds=lambda: True)


@dataclass
class Strict:
    """What a server that knows RFC 5321 and the `extensions` was sent; at `silent_at` it says no more."""

    extensions: tuple[str, ...] = ()
    silent_at: str = ""
    replies: dict[str, str] = field(default_factory=dict)
    port: int = 0
    verbs: list[str] = field(default_factory=list)
    early: list[bytes] = field(default_factory=list)  # more than one command at a time


class _Line(asyncio.Protocol):
    def __init__(self, owner: Strict) -> None:
        self.owner = owner
        self.received = b""
        self.ends = b"\r\n"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self.transport = transport
        self.say("CONNECT", "220 mx.test")

    def data_received(self, data: bytes) -> None:
        self.received += data
        if not self.received.endswith(self.ends):
            return
        line, self.received = self.received, b""
        if self.ends != b"\r\n":
            self.ends = b"\r\n"
            self.say(".", "250 taken")
            return
        if line.count(b"\r\n") > 1:
            self.owner.early.append(line)
        verb = line.split()[0].decode().upper()
        self.owner.verbs.append(verb)
        good = {"DATA": "354 go on", "STARTTLS": "220 go on", "AUTH": "235 ok"}.get(verb, "250 ok")
        if verb == "EHLO":
            good = "\r\n".join(
                [*(f"250-{known}" for known in ("mx.test", *self.owner.extensions)), "250 HELP"]
            )
        if verb == "DATA":
            self.ends = b"\r\n.\r\n"
        self.say(verb, good)

    def say(self, step: str, reply: str) -> None:
        if step != self.owner.silent_at:
            self.transport.write(f"{self.owner.replies.get(step, reply)}\r\n".encode())


@asynccontextmanager
async def strict(server: Strict, tls: ssl.SSLContext | None = None) -> AsyncIterator[Strict]:
    running = await asyncio.get_running_loop().create_server(
        lambda: _Line(server), "localhost", server.port, ssl=tls
    )
    server.port = running.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        running.close()


def pool_of(server: Strict, tls: Tls = "none", limits: SmtpLimits | None = None) -> SmtpPool:
    known = SmtpServer(
        "localhost",
        server.port,
        tls,
        user="newsreel" if any(name.startswith("AUTH") for name in server.extensions) else None,
        password=SecretStr("secret"),
        limits=limits or SmtpLimits(),
    )
    return SmtpPool(known, SENDER.address)


async def test_m7_a_server_without_any_extension_gets_one_command_at_a_time() -> None:
    """No PIPELINING, no 8BITMIME, no SMTPUTF8, no SIZE: nothing is sent before the last answer has come."""
    async with strict(Strict()) as server:
        pool = pool_of(server)
        for _ in range(2):
            assert (await pool.submit(a_submission())).result == "accepted"
        await pool.close_idle(longest=0)
    assert server.verbs == ["EHLO", *["MAIL", "RCPT", "DATA"] * 2, "QUIT"]
    assert server.early == []


async def test_the_strict_server_sees_a_command_that_comes_early() -> None:
    async with strict(Strict()) as server:
        reader, writer = await asyncio.open_connection("localhost", server.port)
        await reader.readline()
        writer.write(b"HELO a\r\nMAIL FROM:<a@desk.example>\r\n")
        await reader.readline()
        writer.close()
    assert len(server.early) == 1


@pytest.mark.parametrize(
    ("silent_at", "tls", "shown"),
    [
        ("CONNECT", "implicit", "greeting"),  # no TLS handshake
        ("STARTTLS", "starttls", "starttls"),
        ("", "starttls", "starttls"),  # 220, and then no handshake
        ("AUTH", "none", "auth"),
    ],
)
async def test_m7_a_server_that_falls_silent_before_the_mail_is_left(
    silent_at: str, tls: Tls, shown: str
) -> None:
    limits = SmtpLimits(greeting=0.2, command=0.2)
    async with strict(Strict(("STARTTLS", "AUTH PLAIN"), silent_at)) as server:
        attempt = await pool_of(server, tls, limits).submit(a_submission())
    assert (attempt.result, str(attempt.failure)) == ("postponed", f"{shown}: TimeoutError")
    assert "MAIL" not in server.verbs


async def test_m7_an_answer_is_known_though_the_server_falls_silent_after_it() -> None:
    """RSET and QUIT are not the mail: their answers are not waited for as long."""
    server = Strict((), "RSET", {"RCPT": "550 5.1.1 nobody"})
    async with strict(server), asyncio.timeout(10):
        attempt = await pool_of(server).submit(a_submission())
        assert (attempt.result, attempt.code) == ("refused", 550)
        server.replies.clear()
        server.silent_at = "QUIT"
        pool = pool_of(server)
        assert (await pool.submit(a_submission())).result == "accepted"
        await pool.close_idle(longest=0)


async def test_m7_a_kept_connection_that_is_half_open_is_given_up_for_a_new_one() -> None:
    """A firewall forgot it: what is written gets no answer. The others that were kept go with it."""
    server = Strict()
    async with strict(server), asyncio.timeout(10):
        pool = pool_of(server, limits=SmtpLimits(kept=0.2))
        results = await asyncio.gather(*(pool.submit(a_submission()) for _ in range(4)))
        assert {attempt.result for attempt in results} == {"accepted"}
        server.silent_at, server.verbs = "MAIL", []
        sending_one = asyncio.create_task(pool.submit(a_submission()))
        await until(lambda: _seen(server, "MAIL"), "MAIL on the kept connection")
        server.silent_at = ""
        assert (await sending_one).result == "accepted"
        assert server.verbs == ["MAIL", "EHLO", "MAIL", "RCPT", "DATA"]
        assert pool.away_until() is None


async def _seen(server: Strict, verb: str) -> bool:
    return verb in server.verbs


async def test_m7_421_and_450_are_tried_again_and_550_is_not(queue: Queue, server: MailServer) -> None:
    passing = {"GREETING": 421, "EHLO": 421, "MAIL": 450, "RCPT": 450, "354": 421, "DATA": 451}
    for step, code in passing.items():
        server.replies[step].append(f"{code} not now")
    requests = [await queue.add() for _ in passing]
    async with sending(queue.database, a_pool(server)):
        for request in requests:
            await ended(queue, request, "accepted")
        server.replies["RCPT"].append("550 5.1.1 nobody")
        refused = await queue.add()
        await ended(queue, refused, "bounced")
    assert not any(server.replies.values())
    assert len(server.arrived) == len(requests)
    assert (await queue.row(refused)).attempts == 1
    assert [event for event in await queue.events() if event == "bounced"] == ["bounced"]


def certificate(file: Path, days: int = 1) -> Path:
    """A certificate for `localhost` that nobody else vouches for, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    at = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=9))
        .not_valid_after(at + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(private + made.public_bytes(pem))
    return file


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
@pytest.mark.parametrize("fault", ["", "unknown", "expired", "another name"])
async def test_m7_a_bad_certificate_means_no_mail(tmp_path: Path, tls: Tls, fault: str) -> None:
    """Trial A6: it is our own fault, and the mail waits."""
    file = certificate(tmp_path / "mx.pem", days=-1 if fault == "expired" else 1)
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(file)
    trusting = ssl.create_default_context(cafile=file) if fault != "unknown" else None
    host = "127.0.0.1" if fault == "another name" else "localhost"
    direct = Strict()
    async with mail_server(tls=own) as server, strict(direct, own):
        port = server.port if tls == "starttls" else direct.port
        pool = SmtpPool(SmtpServer(host, port, tls, tls_context=trusting), SENDER.address)
        attempt = await pool.submit(a_submission())
        await pool.close_idle(longest=0)
    assert attempt.result == ("postponed" if fault else "accepted")
    if fault:
        step = "starttls" if tls == "starttls" else "greeting"
        assert str(attempt.failure) == f"{step}: SSLCertVerificationError"
        assert (server.arrived, direct.verbs) == ([], [])


async def test_m7_encryption_is_never_given_up() -> None:
    shown_at: dict[Tls, str] = {"starttls": "starttls: not offered", "implicit": "greeting: SSLError"}
    async with mail_server() as plain:
        for tls, shown in shown_at.items():
            pool = SmtpPool(SmtpServer("127.0.0.1", plain.port, tls), SENDER.address)
            attempt = await pool.submit(a_submission())
            assert (attempt.result, str(attempt.failure)) == ("postponed", shown)
        assert plain.arrived == []
