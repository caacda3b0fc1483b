"""The sender at work, between a real queue and a real mail server."""

import asyncio
import io
import logging
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, NumberDataPoint
from pythonjsonlogger.json import JsonFormatter

from newsreel_runtime.clock import now
from newsreel_runtime.ids import new_id
from newsreel_runtime.keyring import KeyRing
from newsreel_testing.fake_smtp import (
    ADDRESS,
    KEYS,
    MailServer,
    Queue,
    a_pool,
    a_request,
    die_while_sending,
    ended,
    later,
    mail_server,
    over,
    sending,
)
from newsreel_testing.wait_until import until
from notifier.domain.code import derive_code, derive_long_code
from notifier.domain.mail import PURPOSES, MailRequest
from notifier.domain.mime import grouped
from notifier.inbound_timer import create_timers
from notifier.outbound_smtp import SmtpLimits, SmtpPool, SmtpServer
from notifier.store.queue import add_mail
from notifier.worker.sender import MailSender


def code_of(request: MailRequest) -> str:
    derive = derive_long_code if request.is_long else derive_code
    return derive(KEYS.current[1], PURPOSES[request.kind], request.reference_id, request.generation)


@pytest.mark.parametrize("is_long", [False, True])
async def test_a_code_mail_is_sent_and_told(queue: Queue, server: MailServer, is_long: bool) -> None:
    request = await queue.add(replace(a_request(), is_long=is_long))
    async with sending(queue.database, a_pool(server)):
        await ended(queue, request, "accepted")
    [arrived] = server.arrived
    body = arrived.message.get_body(("plain",))
    assert body is not None
    assert grouped(code_of(request)) in body.get_content().splitlines()
    assert arrived.recipients == [ADDRESS]
    assert str(request.reference_id) in arrived.message["Message-ID"]
    assert await queue.events() == ["accepted"]


async def test_many_at_once_each_once(queue: Queue, server: MailServer) -> None:
    requests = [await queue.add(a_request(address=f"r{number}@desk.example")) for number in range(120)]
    first, second = a_pool(server, size=4), a_pool(server, size=4)
    async with sending(queue.database, first) as sender, sending(queue.database, second) as other:
        sender.wake()
        other.wake()
        for request in requests:
            await until(partial(queue.in_state, request, "accepted"), "accepted")
    assert len(server.arrived) == 120
    assert len({arrived.recipients[0] for arrived in server.arrived}) == 120
    assert await queue.events() == ["accepted"] * 120
    assert server.connections <= 8


async def test_mail_of_another_process_is_found_without_a_wake(queue: Queue, server: MailServer) -> None:
    async with sending(queue.database, a_pool(server)):
        request = await queue.add()
        await until(lambda: queue.in_state(request, "accepted"), "accepted", deadline=5)


async def test_a_wake_is_answered_at_once(queue: Queue, server: MailServer) -> None:
    async with sending(queue.database, a_pool(server)) as sender:
        await until(lambda: _idle(queue), "the first look")
        loop, began = asyncio.get_running_loop(), 0.0
        for _ in range(5):  # a look by the clock may coincide once, not five times
            request = await queue.add()
            began = loop.time()
            sender.wake()
            await until(partial(queue.in_state, request, "accepted"), "accepted", pause=0.002)
            assert loop.time() - began < 0.9


async def test_a_mail_that_is_queued_beside_a_free_slot_is_claimed_by_its_own_transaction(
    queue: Queue, server: MailServer
) -> None:
    """It waits for one commit. What is rolled back is neither there nor sent."""
    async with sending(queue.database, a_pool(server)) as sender:
        await until(lambda: _idle(queue), "the first look")
        async with queue.database.begin() as tx:
            await add_mail(tx, new_id(), request := a_request(), now(), None)
            sender.queued(tx)
            await tx.flush()
            row = await tx.sql.fetchrow("SELECT state, attempts FROM mail WHERE ended_at IS NULL")
            assert row is not None
            assert tuple(row) == ("sending", 1)
        await ended(queue, request, "accepted")
        with pytest.raises(ZeroDivisionError):
            await _queue_and_roll_back(queue, sender)
    assert len(server.arrived) == 1


async def _queue_and_roll_back(queue: Queue, sender: MailSender) -> None:
    async with queue.database.begin() as tx:
        await add_mail(tx, new_id(), a_request(), now(), None)
        sender.queued(tx)
        await tx.flush()
        raise ZeroDivisionError


async def test_what_finds_no_free_slot_is_claimed_later(queue: Queue, server: MailServer) -> None:
    requests = [a_request(address=f"r{number}@desk.example") for number in range(120)]
    async with sending(queue.database, a_pool(server, size=4)) as sender:
        await until(lambda: _idle(queue), "the first look")
        async with queue.database.begin() as tx:
            for request in requests:
                await add_mail(tx, new_id(), request, now(), None)
                sender.queued(tx)
        for request in requests:
            await until(partial(queue.in_state, request, "accepted"), "accepted")
    assert len({arrived.recipients[0] for arrived in server.arrived}) == len(server.arrived) == 120


async def test_nothing_is_claimed_by_a_sender_that_does_not_run(queue: Queue, server: MailServer) -> None:
    """A process with the role consume alone queues for others; so does one that stops."""
    async with sending(queue.database, a_pool(server)) as sender:
        pass
    request = await queue.add(sender=sender)
    assert await queue.in_state(request, "queued")


async def _idle(queue: Queue) -> bool:
    return await queue.events() == []


@pytest.mark.parametrize(("command", "reply"), [("RCPT", "550 nobody"), ("DATA", "550 5.1.1 nobody")])
async def test_m7_a_refusal_bounces(queue: Queue, server: MailServer, command: str, reply: str) -> None:
    server.replies[command].append(reply)
    request = await queue.add()
    async with sending(queue.database, a_pool(server)):
        await ended(queue, request, "bounced")
    assert await queue.events() == ["bounced"]
    assert server.arrived == []
    assert await queue.reasons() == ["mailbox"]


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("RCPT", "554 5.7.1 <reporter@desk.example>: Relay access denied"),
        ("RCPT", "550 5.4.5 quota exceeded"),
        ("MAIL", "550 sender refused"),
        ("DATA", "554 5.7.1 spam"),
    ],
)
async def test_m7_our_own_fault_delays_and_the_mail_arrives_when_it_is_mended(
    queue: Queue, server: MailServer, caplog: pytest.LogCaptureFixture, command: str, reply: str
) -> None:
    server.replies[command].append(reply)
    request = await queue.add()
    async with sending(queue.database, a_pool(server)):
        await ended(queue, request, "accepted")
    assert await queue.events() == ["delayed", "accepted"]
    [line] = [line for line in caplog.records if line.getMessage().startswith("mail not sent (postponed): ")]
    assert line.__dict__["fault"] == "ours"
    assert ADDRESS not in str(line.__dict__)


async def test_m7_our_own_fault_that_lasts_ends_as_expired(queue: Queue, server: MailServer) -> None:
    server.replies["RCPT"].extend(["554 5.7.1 relay access denied"] * 20)
    request = await queue.add(later(a_request(), 1.5))
    async with sending(queue.database, a_pool(server)):
        await ended(queue, request, "expired")
    assert await queue.events() == ["delayed", "expired"]


@pytest.mark.parametrize("address", ["a@desk.example\r\nBcc: b@desk.example", "ж" * 33 + "@desk.example"])
async def test_an_address_that_cannot_be_mailed_bounces_and_is_told_to_operators(
    queue: Queue, server: MailServer, caplog: pytest.LogCaptureFixture, address: str
) -> None:
    request = await queue.add(a_request(address=address))
    async with sending(queue.database, a_pool(server)):
        await ended(queue, request, "bounced")
    assert server.connections == 0
    assert await queue.reasons() == ["address"]
    [line] = [line for line in caplog.records if line.getMessage().startswith("mail not sent (refused): ")]
    assert line.getMessage() == "mail not sent (refused): address: not one plain mailbox"
    assert address not in str(line.__dict__)


async def test_m7_an_address_that_the_relay_does_not_take_bounces_and_is_told_to_operators(
    queue: Queue, caplog: pytest.LogCaptureFixture
) -> None:
    async with mail_server(smtputf8=False) as old:
        request = await queue.add(a_request(address="josé@desk.example"))
        async with sending(queue.database, a_pool(old)):
            await ended(queue, request, "bounced")
        assert old.arrived == []
    assert await queue.reasons() == ["smtputf8"]
    [line] = [line for line in caplog.records if line.getMessage().startswith("mail not sent (refused): ")]
    assert line.getMessage().endswith("address: the mail server does not offer SMTPUTF8")


async def test_each_failed_attempt_is_counted_by_step_reply_and_fault(
    queue: Queue, server: MailServer, reader: InMemoryMetricReader
) -> None:
    before = _failures(reader)
    server.replies["RCPT"].extend(["554 5.7.1 <reporter@desk.example>: relay denied", "550 5.1.1 nobody"])
    first, other = await queue.add(), await queue.add(a_request(address="a b@desk.example"))
    async with sending(queue.database, a_pool(server)):
        await ended(queue, first, "bounced")
        await ended(queue, other, "bounced")
    new = _failures(reader) - before
    assert new == {
        ("signup_code", "rcpt", "554 5.7.1", "ours"): 1,
        ("signup_code", "rcpt", "550 5.1.1", "recipient"): 1,
        ("signup_code", "address", "not one plain mailbox", "recipient"): 1,
    }


def _failures(reader: InMemoryMetricReader) -> Counter[tuple[Any, ...]]:
    data, names = reader.get_metrics_data(), ("kind", "step", "reply", "fault")
    return Counter(
        {
            tuple((point.attributes or {})[f"newsreel.mail.{name}"] for name in names): int(point.value)
            for resource in (data.resource_metrics if data else [])
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name == "newsreel.mail.failures"
            for point in metric.data.data_points
            if isinstance(point, NumberDataPoint)
        }
    )


async def test_m7_a_delay_is_told_once_and_the_mail_arrives(queue: Queue, server: MailServer) -> None:
    server.replies["RCPT"].extend(["451 greylisted", "450 busy"])
    request = await queue.add()
    async with sending(queue.database, a_pool(server)):
        await ended(queue, request, "accepted")
    assert await queue.events() == ["delayed", "accepted"]
    assert (await queue.row(request)).attempts == 3


async def test_a_mail_is_never_sent_after_its_time(
    queue: Queue, server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    request = await queue.add(later(a_request(), -1))
    async with sending(queue.database, a_pool(server)):
        await ended(queue, request, "expired")
    assert await queue.events() == ["expired"]
    assert server.connections == 0
    assert "mail not sent (too-late): send_before: passed" in [line.getMessage() for line in caplog.records]


async def test_m7_a_delayed_mail_expires_in_time(queue: Queue, server: MailServer) -> None:
    server.replies["RCPT"].extend(["451 try later"] * 20)
    request = await queue.add(later(a_request(), 1.5))
    async with sending(queue.database, a_pool(server)):
        await ended(queue, request, "expired")
    row = await queue.row(request)
    assert row.ended_at is not None
    assert row.ended_at - row.next_at < timedelta(seconds=2)
    assert await queue.events() == ["delayed", "expired"]
    assert server.arrived == []


async def test_m7_nothing_is_lost_while_the_server_is_away(queue: Queue, server: MailServer) -> None:
    await server.stop()
    requests = [await queue.add() for _ in range(20)]
    async with sending(queue.database, a_pool(server)) as sender:
        for request in requests:
            await until(partial(queue.in_state, request, "delayed"), "delayed")
        late = await queue.add()
        sender.wake()
        await server.start()
        for request in (*requests, late):
            await ended(queue, request, "accepted")
    told = await queue.events()
    assert told.count("accepted") == len(server.arrived) == 21
    assert told.count("delayed") in {20, 21}


async def test_a_code_whose_key_is_missing_waits_for_it(queue: Queue, server: MailServer) -> None:
    request = await queue.add(replace(a_request(), kid="k9"))
    async with sending(queue.database, a_pool(server)):
        await until(lambda: queue.in_state(request, "delayed"), "delayed")
    keys = KeyRing({"k1": KEYS.current[1], "k9": bytes([9] * 32)})
    async with sending(queue.database, a_pool(server), keys=keys):
        await ended(queue, request, "accepted")


async def test_a_code_whose_key_never_comes_expires(queue: Queue, server: MailServer) -> None:
    request = await queue.add(later(replace(a_request(), kid="k9"), 1.0))
    async with sending(queue.database, a_pool(server)):
        await ended(queue, request, "expired")
    assert await queue.events() == ["delayed", "expired"]
    assert (await queue.row(request)).attempts < 5


async def test_an_orderly_stop_finishes_what_began_and_gives_back_the_rest(
    queue: Queue, server: MailServer
) -> None:
    server.replies["RCPT"].append("hang")
    requests = [await queue.add() for _ in range(5)]
    async with sending(queue.database, a_pool(server, SmtpLimits(command=0.5), size=1)):
        await server.hanging.wait()
    states = [(await queue.row(request)).state for request in requests]
    assert sorted(states) == ["delayed", "queued", "queued", "queued", "queued"]


async def test_outcomes_wait_for_a_database_that_is_away(queue: Queue, server: MailServer) -> None:
    request = await queue.add()
    await queue.execute("ALTER TABLE outbox RENAME TO outbox_away")
    async with sending(queue.database, a_pool(server)):
        await until(lambda: _arrived(server), "the mail")
        await queue.execute("ALTER TABLE outbox_away RENAME TO outbox")
        await ended(queue, request, "accepted")
    assert len(server.arrived) == 1
    assert await queue.events() == ["accepted"]


async def _arrived(server: MailServer) -> bool:
    return bool(server.arrived)


async def test_c8_c9_no_code_in_any_row_or_log_and_no_address_that_is_not_needed(
    queue: Queue, server: MailServer
) -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter())
    logging.getLogger().addHandler(handler)
    try:
        server.replies["RCPT"].extend(["451 no, reporter@desk.example", "550 no, reporter@desk.example"])
        forms = [replace(a_request(), is_long=is_long) for is_long in (False, True, True)]
        refused, taken, lost = [await queue.add(request) for request in forms]
        await die_while_sending(queue, lost)
        async with sending(queue.database, a_pool(server)):
            for request in (refused, taken, lost):
                await until(partial(over, queue, request), "the end")
    finally:
        logging.getLogger().removeHandler(handler)
    async with queue.database.read() as connection:
        rows = await connection.fetch(
            "SELECT mail::text AS row FROM mail UNION ALL SELECT encode(payload, 'escape') FROM outbox"
        )
    everything = written.getvalue() + "\n".join(row["row"] for row in rows)
    assert str(lost.reference_id) in written.getvalue()
    assert ADDRESS not in everything
    for request in (refused, taken, lost):
        assert code_of(request) not in everything
        assert grouped(code_of(request)) not in everything


async def test_m7_an_unreachable_name_is_a_server_that_is_away(queue: Queue) -> None:
    pool = SmtpPool(SmtpServer("mx.invalid", 25, "none"), "no-reply@newsreel.test")
    request = await queue.add()
    async with sending(queue.database, pool):
        await until(lambda: queue.in_state(request, "delayed"), "delayed")


async def test_what_ended_long_ago_is_forgotten(queue: Queue) -> None:
    old, young, waiting = [await queue.add() for _ in range(3)]
    sql = "UPDATE mail SET state = 'accepted', address = NULL, ended_at = $2 WHERE reference_id = $1"
    await queue.execute(sql, old.reference_id, now() - timedelta(days=31))
    await queue.execute(sql, young.reference_id, now() - timedelta(days=29))
    stopping = asyncio.Event()
    forget_mail, _ = create_timers(queue.database, None, lambda: None)
    forgetting = asyncio.ensure_future(forget_mail(stopping))
    await until(lambda: _count(queue, 2), "the old row's end")
    stopping.set()
    await forgetting
    assert {(await queue.row(mail)).state for mail in (young, waiting)} == {"accepted", "queued"}


async def _count(queue: Queue, expected: int) -> bool:
    async with queue.database.read() as connection:
        return bool(await connection.fetchval("SELECT count(*) = $1 FROM mail", expected))
