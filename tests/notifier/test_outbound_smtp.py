"""The conversation with a real SMTP server, which is not always kind."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from pydantic import SecretStr

from newsreel_runtime.clock import now
from newsreel_testing.fake_smtp import ADDRESS, SENDER, MailServer, a_pool, mail_server
from newsreel_testing.wait_until import free_port, until
from notifier.outbound_smtp import SmtpLimits, SmtpPool, SmtpServer, Submission

MESSAGE = b"Subject: x\r\n\r\n.leading dot\r\n"


def a_submission(recipient: str = ADDRESS, seconds: float = 30.0) -> Submission:
    return Submission(recipient, MESSAGE, now() + timedelta(seconds=seconds), holds=lambda: True)


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
    attempt = await pool.submit(a_submission())
    assert (attempt.result, attempt.code) == ("accepted", 250)
    [arrived] = server.arrived
    assert (arrived.sender, arrived.recipients, arrived.content) == (SENDER.address, [ADDRESS], MESSAGE)


async def test_connections_are_kept_and_bounded(server: MailServer, pool: SmtpPool) -> None:
    results = await asyncio.gather(*(pool.submit(a_submission()) for _ in range(40)))
    assert {attempt.result for attempt in results} == {"accepted"}
    assert len(server.arrived) == 40
    assert 1 <= server.connections <= 8
    before = server.connections
    await pool.close_idle()
    await pool.submit(a_submission())
    assert server.connections == before
    await pool.close_idle(longest=0)
    await pool.submit(a_submission())
    assert server.connections == before + 1


async def test_m7_a_kept_connection_that_died_costs_nothing(server: MailServer, pool: SmtpPool) -> None:
    endings = (
        None,
        "421 idle for too long",
        "drop",
        "452 4.7.1 too many mails on this connection",
        "503 what?",
    )
    for ending in endings:
        assert (await pool.submit(a_submission())).result == "accepted"
        if ending is None:
            server.cut()
        else:
            server.replies["MAIL"].append(ending)
        assert (await pool.submit(a_submission())).result == "accepted"
    assert len(server.arrived) == 2 * len(endings)
    assert pool.away_until() is None


@pytest.mark.parametrize(
    ("command", "reply", "expected"),
    [
        ("RCPT", "450 mailbox busy", ("postponed", 450)),
        ("RCPT", "451 greylisted", ("postponed", 451)),
        ("RCPT", "421 closing", ("postponed", 421)),
        ("RCPT", "550 no such person", ("refused", 550)),
        ("DATA", "451 try later", ("postponed", 451)),
        ("DATA", "550 5.2.2 mailbox full", ("refused", 550)),
        ("DATA", "999 what", ("lost", 999)),
        ("MAIL", "451 try later", ("postponed", 451)),
        ("MAIL", "550 sender unknown", ("postponed", 550)),
        ("MAIL", "421 closing", ("postponed", 421)),
        ("MAIL", "drop", ("postponed", None)),
        ("RCPT", "drop", ("postponed", None)),
        ("DATA", "drop", ("lost", None)),
    ],
)
async def test_m7_answers(
    server: MailServer, pool: SmtpPool, command: str, reply: str, expected: tuple[str, int | None]
) -> None:
    server.replies[command].append(reply)
    attempt = await pool.submit(a_submission())
    assert (attempt.result, attempt.code) == expected


async def test_m7_after_a_refusal_the_connection_serves_the_next_mail(
    server: MailServer, pool: SmtpPool
) -> None:
    server.replies["RCPT"].append("550 no such person")
    assert (await pool.submit(a_submission())).result == "refused"
    assert (await pool.submit(a_submission())).result == "accepted"
    assert server.connections == 1


async def test_nothing_begins_too_late(server: MailServer, pool: SmtpPool) -> None:
    past = now() - timedelta(seconds=1)
    assert (await pool.submit(replace(a_submission(), send_before=past))).result == "too-late"
    assert (await pool.submit(replace(a_submission(), holds=lambda: False))).result == "not-begun"
    pool.drain(1.0)
    assert (await pool.submit(a_submission())).result == "not-begun"
    assert server.connections == 0


@pytest.mark.parametrize("step", ["GREETING", "EHLO", "MAIL", "RCPT", "354"])
async def test_a_mail_whose_time_passes_in_the_conversation_is_not_handed_over(
    server: MailServer, pool: SmtpPool, step: str
) -> None:
    server.replies[step].append("wait")
    submission = a_submission(seconds=0.3)
    sending = asyncio.create_task(pool.submit(submission))
    await server.hanging.wait()
    await until(lambda: _passed(submission), "send_before")
    server.go.set()
    assert (await sending).result == "too-late"
    assert server.arrived == []
    assert (await pool.submit(a_submission())).result == "accepted"


async def _passed(submission: Submission) -> bool:
    return now() >= submission.send_before


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "354"])
async def test_a_mail_whose_lease_runs_out_in_the_conversation_is_not_handed_over(
    server: MailServer, pool: SmtpPool, step: str
) -> None:
    server.replies[step].append("wait")
    submission = replace(a_submission(), holds=lambda: not server.go.is_set())
    sending = asyncio.create_task(pool.submit(submission))
    await server.hanging.wait()
    server.go.set()
    assert (await sending).result == "not-begun"
    assert server.arrived == []


@pytest.mark.parametrize("step", ["GREETING", "MAIL", "RCPT", "354"])
async def test_a_stop_gives_back_what_was_not_transmitted(server: MailServer, step: str) -> None:
    server.replies[step].append("hang")
    pool = a_pool(server, size=1)
    first, second = (asyncio.create_task(pool.submit(a_submission())) for _ in range(2))
    await server.hanging.wait()
    pool.drain(0.1)
    assert [(await first).result, (await second).result] == ["not-begun", "not-begun"]
    assert server.arrived == []
    assert pool.why_not_ready() is None


async def test_a_stop_waits_for_the_answer_to_a_mail(server: MailServer, pool: SmtpPool) -> None:
    server.replies["DATA"].append("wait")
    first = asyncio.create_task(pool.submit(a_submission()))
    await server.hanging.wait()
    pool.drain(0.0)
    assert (await pool.submit(a_submission())).result == "not-begun"
    server.go.set()
    assert (await first).result == "accepted"


async def test_a_mail_that_waits_for_a_connection_waits_no_longer_than_its_time(server: MailServer) -> None:
    server.replies["RCPT"].append("wait")
    pool = a_pool(server, size=1)
    waiting = asyncio.create_task(pool.submit(a_submission()))
    await server.hanging.wait()
    assert (await pool.submit(a_submission(seconds=0.1))).result == "too-late"
    server.go.set()
    assert (await waiting).result == "accepted"
    assert len(server.arrived) == 1
    await pool.close_idle(longest=0)


@pytest.mark.parametrize(
    ("step", "result"),
    [
        ("GREETING", "postponed"),
        ("EHLO", "postponed"),
        ("MAIL", "postponed"),
        ("RCPT", "postponed"),
        ("354", "postponed"),
        ("DATA", "lost"),
    ],
)
async def test_m7_each_command_has_its_own_limit(server: MailServer, step: str, result: str) -> None:
    """Trial A5. All limits but that of the step are long: another one's limit does not end the wait."""
    names = {"GREETING": ["greeting"], "354": ["data"], "DATA": ["block", "end"]}.get(step, ["command"])
    server.replies[step].append("hang")
    attempt = await a_pool(server, SmtpLimits(**dict.fromkeys(names, 0.1))).submit(a_submission())
    shown = "data" if step == "354" else step.lower()
    assert (attempt.result, str(attempt.failure)) == (result, f"{shown}: TimeoutError")
    server.replies[step].append("wait")
    short = {name: 0.2 for name in SmtpLimits.__dataclass_fields__ if name not in names}
    patient = asyncio.create_task(a_pool(server, SmtpLimits(**short)).submit(a_submission()))
    server.hanging.clear()
    await server.hanging.wait()
    loop = asyncio.get_running_loop()
    after = loop.time() + 0.5  # longer than every other limit together with its step
    await until(lambda: _reached(loop, after), "the other limits' end")
    server.go.set()
    assert (await patient).result == "accepted"
    assert len(server.arrived) == 1


async def _reached(loop: asyncio.AbstractEventLoop, at: float) -> bool:
    return loop.time() >= at


async def test_m7_a_server_that_is_away_is_left_in_peace() -> None:
    pool = SmtpPool(SmtpServer("127.0.0.1", free_port(), "none"), SENDER.address)
    first = await pool.submit(a_submission())
    assert first.result == "postponed"
    assert first.retry_at is not None
    assert pool.away_until() == first.retry_at
    second = await pool.submit(a_submission())
    assert (second.result, second.retry_at) == ("postponed", first.retry_at)


async def test_m7_an_international_address_needs_a_server_that_takes_it(
    server: MailServer, pool: SmtpPool
) -> None:
    assert (await pool.submit(a_submission("редактор@desk.example"))).result == "accepted"
    assert server.arrived[0].recipients == ["редактор@desk.example"]
    async with mail_server(smtputf8=False) as old:
        old_pool = a_pool(old)
        attempt = await old_pool.submit(a_submission("редактор@desk.example"))
        assert (attempt.result, attempt.failure and attempt.failure.reason) == ("refused", "smtputf8")
        assert (await old_pool.submit(a_submission())).result == "accepted"
        assert len(old.arrived) == 1
        await old_pool.close_idle(longest=0)


OURS = [
    ("GREETING", "554 5.7.1 no service for you", "greeting: 554 5.7.1"),
    ("GREETING", "drop", "greeting: SMTPServerDisconnected"),
    ("EHLO", "421 4.3.2 shutting down", "ehlo: 421 4.3.2"),
    ("MAIL", "550 sender unknown", "mail: 550"),
    ("MAIL", "452 4.3.1 no room", "mail: 452 4.3.1"),
    ("RCPT", "554 5.7.1 <x@desk.example>: Relay access denied", "rcpt: 554 5.7.1"),
    ("RCPT", "550 5.4.5 quota exceeded", "rcpt: 550 5.4.5"),
    ("RCPT", "504 5.5.2 need fully-qualified hostname", "rcpt: 504 5.5.2"),
    ("DATA", "554 5.7.1 looks like spam", "data: 554 5.7.1"),
    ("DATA", "552 5.3.4 message too big", "data: 552 5.3.4"),
    ("DATA", "drop", "data: SMTPServerDisconnected"),
]


@pytest.mark.parametrize(("step", "reply", "shown"), OURS)
async def test_m7_our_own_fault_puts_a_mail_off_and_is_told_to_operators(
    server: MailServer, pool: SmtpPool, step: str, reply: str, shown: str
) -> None:
    server.replies[step].append(reply)
    attempt = await pool.submit(a_submission())
    assert attempt.result == ("lost" if (step, reply) == ("DATA", "drop") else "postponed")
    assert attempt.failure is not None
    assert (str(attempt.failure), attempt.failure.fault) == (shown, "ours")
    assert pool.why_not_ready() == f"no mail goes out: {shown}"
    assert pool.why_not_ready(later=901) is None  # nothing was tried since
    if attempt.retry_at is not None:
        await until(lambda: _at(attempt.retry_at), "the next try")
    assert (await pool.submit(a_submission())).result == "accepted"
    assert pool.why_not_ready() is None


async def _at(time: datetime | None) -> bool:
    return time is None or now() >= time


async def test_the_recipients_fault_keeps_nobody_from_being_ready(server: MailServer, pool: SmtpPool) -> None:
    server.replies["RCPT"].extend(["550 5.1.1 nobody", "451 4.7.1 greylisted", "550 5.7.1 relaying denied"])
    for result in ("refused", "postponed"):
        assert (await pool.submit(a_submission())).result == result
        assert pool.why_not_ready() is None
    await pool.submit(a_submission())
    assert pool.why_not_ready() == "no mail goes out: rcpt: 550 5.7.1"
    server.replies["RCPT"].append("451 4.7.1 greylisted")
    await pool.submit(a_submission())
    assert pool.why_not_ready() is not None  # nothing has gone out yet


async def test_m7_a_login_is_tried_and_its_refusal_is_ours() -> None:
    async with mail_server(authenticates=True) as server:
        known = SmtpServer("127.0.0.1", server.port, "none", user="newsreel", password=SecretStr("secret"))
        pool = SmtpPool(known, SENDER.address)
        server.replies["AUTH"].extend(["535 5.7.8 wrong"] * 2)  # PLAIN, and LOGIN after it
        attempt = await pool.submit(a_submission())
        assert (attempt.result, str(attempt.failure)) == ("postponed", "auth: 535 5.7.8")
        await until(lambda: _at(attempt.retry_at), "the next try")
        assert (await pool.submit(a_submission())).result == "accepted"
        await pool.close_idle(longest=0)
    async with mail_server() as lacking:
        known = SmtpServer("127.0.0.1", lacking.port, "none", user="newsreel", password=SecretStr("secret"))
        attempt = await SmtpPool(known, SENDER.address).submit(a_submission())
        assert (attempt.result, str(attempt.failure)) == ("postponed", "auth: not offered")
        assert lacking.arrived == []


@pytest.mark.parametrize("reply", ["502 5.5.1 unknown command", "500 what?", "550 no EHLO here"])
async def test_m7_a_server_without_ehlo_is_greeted_by_helo(
    server: MailServer, pool: SmtpPool, reply: str
) -> None:
    """Trial A15."""
    server.replies["EHLO"].append(reply)
    assert (await pool.submit(a_submission())).result == "accepted"
    assert (await pool.submit(a_submission("редактор@desk.example"))).result == "refused"  # no SMTPUTF8 then
    assert len(server.arrived) == 1
