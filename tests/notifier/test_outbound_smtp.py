"""The conversation with a real SMTP server, which is not always kind."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from newsreel_runtime.clock import now
from newsreel_testing.fake_smtp import ADDRESS, SENDER, MailServer, a_pool, mail_server
from newsreel_testing.wait_until import free_port
from notifier.outbound_smtp import Envelope, SmtpPool, SmtpServer

MESSAGE = b"Subject: x\r\n\r\n.leading dot\r\n"


def an_envelope(recipient: str = ADDRESS, seconds: float = 30.0) -> Envelope:
    at = now()
    end = at + timedelta(seconds=seconds)
    return Envelope(recipient, MESSAGE, send_before=end, begin_before=end, end_by=end)


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with mail_server() as running:
        yield running


@pytest.fixture
async def pool(server: MailServer) -> AsyncIterator[SmtpPool]:
    opened = a_pool(server)
    yield opened
    await opened.close_idle(longest=0)


async def test_a_mail_arrives_as_it_was(server: MailServer, pool: SmtpPool) -> None:
    delivery = await pool.deliver(an_envelope())
    assert (delivery.result, delivery.reply) == ("accepted", 250)
    [arrived] = server.arrived
    assert (arrived.sender, arrived.recipients, arrived.content) == (SENDER.address, [ADDRESS], MESSAGE)


async def test_connections_are_kept_and_bounded(server: MailServer, pool: SmtpPool) -> None:
    results = await asyncio.gather(*(pool.deliver(an_envelope()) for _ in range(40)))
    assert {one.result for one in results} == {"accepted"}
    assert len(server.arrived) == 40
    assert 1 <= server.connections <= 8
    before = server.connections
    await pool.close_idle()
    await pool.deliver(an_envelope())
    assert server.connections == before
    await pool.close_idle(longest=0)
    await pool.deliver(an_envelope())
    assert server.connections == before + 1


async def test_a_kept_connection_that_died_costs_nothing(server: MailServer, pool: SmtpPool) -> None:
    for ending in (None, "421 idle for too long", "drop"):
        assert (await pool.deliver(an_envelope())).result == "accepted"
        if ending is None:
            server.cut()
        else:
            server.replies["MAIL"].append(ending)
        assert (await pool.deliver(an_envelope())).result == "accepted"
    assert len(server.arrived) == 6
    assert pool.away_until() is None


@pytest.mark.parametrize(
    ("command", "reply", "expected"),
    [
        ("RCPT", "450 mailbox busy", ("postponed", 450)),
        ("RCPT", "451 greylisted", ("postponed", 451)),
        ("RCPT", "421 closing", ("postponed", 421)),
        ("RCPT", "550 no such person", ("refused", 550)),
        ("DATA", "451 try later", ("postponed", 451)),
        ("DATA", "554 looks like spam", ("refused", 554)),
        ("DATA", "999 what", ("lost", 999)),
        ("MAIL", "451 try later", ("postponed", 451)),
        ("MAIL", "550 sender unknown", ("postponed", 550)),
        ("MAIL", "421 closing", ("postponed", 421)),
        ("MAIL", "drop", ("postponed", None)),
        ("RCPT", "drop", ("postponed", None)),
        ("DATA", "drop", ("lost", None)),
    ],
)
async def test_answers(
    server: MailServer, pool: SmtpPool, command: str, reply: str, expected: tuple[str, int | None]
) -> None:
    server.replies[command].append(reply)
    delivery = await pool.deliver(an_envelope())
    assert (delivery.result, delivery.reply) == expected


async def test_after_a_refusal_the_connection_serves_the_next_mail(
    server: MailServer, pool: SmtpPool
) -> None:
    server.replies["RCPT"].append("550 no such person")
    assert (await pool.deliver(an_envelope())).result == "refused"
    assert (await pool.deliver(an_envelope())).result == "accepted"
    assert server.connections == 1


@pytest.mark.parametrize(
    ("command", "result"), [("MAIL", "postponed"), ("RCPT", "postponed"), ("DATA", "lost")]
)
async def test_a_hanging_server_is_left_after_the_command_limit(
    server: MailServer, command: str, result: str
) -> None:
    server.replies[command].append("hang")
    delivery = await a_pool(server, timeout=0.2).deliver(an_envelope())
    assert delivery.result == result


async def test_a_conversation_is_cut_off_at_its_end(server: MailServer, pool: SmtpPool) -> None:
    server.replies["RCPT"].append("hang")
    envelope = replace(an_envelope(), end_by=now() + timedelta(seconds=0.2))
    assert (await pool.deliver(envelope)).result == "postponed"


async def test_nothing_begins_too_late(server: MailServer, pool: SmtpPool) -> None:
    past = now() - timedelta(seconds=1)
    assert (await pool.deliver(replace(an_envelope(), send_before=past))).result == "too-late"
    assert (await pool.deliver(replace(an_envelope(), begin_before=past))).result == "not-begun"
    pool.drain()
    assert (await pool.deliver(an_envelope())).result == "not-begun"
    assert server.connections == 0


async def test_time_that_runs_out_during_the_conversation_counts(server: MailServer) -> None:
    server.replies["RCPT"].append("hang")
    slow = a_pool(server, timeout=0.3, size=1)
    waiting = asyncio.create_task(slow.deliver(an_envelope()))
    await server.hanging.wait()
    second = await slow.deliver(replace(an_envelope(), send_before=now() + timedelta(seconds=0.1)))
    assert second.result == "too-late"
    await waiting
    assert server.arrived == []


async def test_a_server_that_is_away_is_left_in_peace() -> None:
    pool = SmtpPool(SmtpServer("127.0.0.1", free_port(), "none"), SENDER.address)
    first = await pool.deliver(an_envelope())
    assert first.result == "postponed"
    assert first.retry_at is not None
    assert pool.away_until() == first.retry_at
    second = await pool.deliver(an_envelope())
    assert (second.result, second.retry_at) == ("postponed", first.retry_at)


async def test_an_international_address_needs_a_server_that_takes_it(
    server: MailServer, pool: SmtpPool
) -> None:
    assert (await pool.deliver(an_envelope("редактор@desk.example"))).result == "accepted"
    assert server.arrived[0].recipients == ["редактор@desk.example"]
    async with mail_server(smtputf8=False) as old:
        old_pool = a_pool(old)
        assert (await old_pool.deliver(an_envelope("редактор@desk.example"))).result == "refused"
        assert (await old_pool.deliver(an_envelope())).result == "accepted"
        assert len(old.arrived) == 1
        await old_pool.close_idle(longest=0)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
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
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = tmp_path / "mx.pem"
    file.write_bytes(private + made.public_bytes(pem))
    return file


async def test_encryption_is_checked_and_never_given_up(certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    trusting = ssl.create_default_context(cafile=certificate)
    async with mail_server(tls=context) as server:
        strict = SmtpPool(SmtpServer("localhost", server.port, "starttls"), SENDER.address)
        assert (await strict.deliver(an_envelope())).result == "postponed"
        known = SmtpServer("localhost", server.port, "starttls", tls_context=trusting)
        pool = SmtpPool(known, SENDER.address)
        assert (await pool.deliver(an_envelope())).result == "accepted"
        await pool.close_idle(longest=0)
    async with mail_server() as plain:
        strict = SmtpPool(SmtpServer("127.0.0.1", plain.port, "starttls"), SENDER.address)
        assert (await strict.deliver(an_envelope())).result == "postponed"
        assert plain.arrived == []
