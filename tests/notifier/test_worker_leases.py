"""Leases: a slow server, a crash, a stop and a second sender, and how many copies of a mail they make."""

import asyncio
from datetime import datetime, timedelta
from functools import partial

import pytest

from newsreel_runtime.clock import now
from newsreel_testing.fake_smtp import (
    ADDRESS,
    MailServer,
    Queue,
    a_pool,
    a_request,
    die_while_sending,
    ended,
    later,
    over,
    sending,
)
from newsreel_testing.wait_until import until
from notifier.domain.mail import LOSS_LIMIT, MailRequest
from notifier.outbound_smtp import SmtpLimits


async def test_a_hanging_server_holds_no_connection_to_the_database(queue: Queue, server: MailServer) -> None:
    server.replies["RCPT"].append("hang")
    request = await queue.add()
    async with sending(queue.database, a_pool(server, SmtpLimits(command=1.0))):
        await server.hanging.wait()
        assert (await queue.row(request)).state == "sending"
        async with queue.database.read() as connection:
            others = await connection.fetch(
                "SELECT state FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
        assert {row["state"] for row in others} <= {"idle"}
        assert queue.database.pool.get_size() == queue.database.pool.get_idle_size()
        await ended(queue, request, "accepted")
    assert await queue.events() == ["delayed", "accepted"]


async def test_m6_after_a_crash_the_mail_is_sent_once_more_and_counted(
    queue: Queue, server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    request = await queue.add()
    await die_while_sending(queue, request)
    async with sending(queue.database, a_pool(server)):
        await ended(queue, request, "accepted")
    row = await queue.row(request)
    assert (row.attempts, row.losses) == (2, 1)
    [line] = [line for line in caplog.records if line.getMessage() == "a mail's outcome is unknown"]
    assert line.__dict__["kind"] == "signup_code"
    assert ADDRESS not in str(line.__dict__)
    assert await queue.events() == ["accepted"]


async def test_a_lease_that_lasts_is_respected(queue: Queue, server: MailServer) -> None:
    request, other = await queue.add(), await queue.add()
    await die_while_sending(queue, request)
    await queue.execute(
        "UPDATE mail SET lease_until = $2 WHERE reference_id = $1",
        request.reference_id,
        now() + timedelta(minutes=1),
    )
    async with sending(queue.database, a_pool(server)):
        await ended(queue, other, "accepted")
    assert (await queue.row(request)).state == "sending"


@pytest.mark.parametrize("step", ["GREETING", "EHLO", "MAIL", "RCPT", "354", "DATA"])
async def test_m7_a_server_that_takes_longer_than_the_lease_gets_one_mail(
    queue: Queue, server: MailServer, step: str
) -> None:
    """Trial A5. Three leases pass while a second sender looks for lost mails, too."""
    server.replies[step].append("wait")
    request = await queue.add()
    pool, other = a_pool(server), a_pool(server)
    async with sending(queue.database, pool, lease=0.4), sending(queue.database, other, lease=0.4):
        await server.hanging.wait()
        first = (await queue.row(request)).lease_until
        assert first is not None
        end = first + timedelta(seconds=1.2)
        await until(lambda: _leased_beyond(queue, request, end), "the third renewal")
        server.go.set()
        await ended(queue, request, "accepted")
    assert len(server.arrived) == 1
    row = await queue.row(request)
    assert (row.attempts, row.losses) == (1, 0)
    assert await queue.events() == ["accepted"]


async def _leased_beyond(queue: Queue, request: MailRequest, end: datetime) -> bool:
    row = await queue.row(request)
    assert row.state == "sending"
    return row.lease_until is not None and row.lease_until > end


async def test_a_stop_waits_for_a_slow_answer_and_keeps_the_lease(queue: Queue, server: MailServer) -> None:
    server.replies["DATA"].append("wait")
    request = await queue.add()
    async with sending(queue.database, a_pool(server), lease=0.4):
        await server.hanging.wait()
        asyncio.get_running_loop().call_later(1.2, server.go.set)  # three leases after the stop begins
    row = await queue.row(request)
    assert (row.state, row.losses) == ("accepted", 0)
    assert len(server.arrived) == 1


async def test_m6_a_mail_that_another_sender_took_over_is_not_handed_over_twice(
    queue: Queue, server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    """A sender that was cut off from the database comes back: its lease has run out, and it says so."""
    server.replies["354"].append("wait")
    request = await queue.add()
    async with sending(queue.database, a_pool(server), lease=0.4):
        await server.hanging.wait()
        await queue.execute("UPDATE mail SET attempts = attempts + 1")  # as another sender's claim does
        await until(lambda: _released(queue, request), "the lease's end")
        async with sending(queue.database, a_pool(server), lease=60):
            await ended(queue, request, "accepted")
        server.go.set()
    assert len(server.arrived) == 1
    discarded = "delivery result discarded: the lease on this mail had expired"
    assert [line.getMessage() for line in caplog.records].count(discarded) == 1


async def _released(queue: Queue, request: MailRequest) -> bool:
    return (await queue.row(request)).losses > 0


async def test_a_server_that_hangs_up_on_every_mail_gets_few_copies(queue: Queue, server: MailServer) -> None:
    request = await queue.add()
    await queue.execute("UPDATE mail SET losses = $1", LOSS_LIMIT - 1)
    server.replies["DATA"].append("drop")
    async with sending(queue.database, a_pool(server)):
        await ended(queue, request, "unknown")
    assert len(server.arrived) == 1
    assert await queue.events() == []


async def test_m6_after_a_crash_and_its_time_a_mail_is_not_sent(queue: Queue, server: MailServer) -> None:
    request = await queue.add(later(a_request(), -1))
    await die_while_sending(queue, request)
    async with sending(queue.database, a_pool(server)):
        await until(partial(over, queue, request), "the end")
    assert (await queue.row(request)).state == "unknown"
    assert server.arrived == []


async def test_m6_a_connection_lost_after_the_mail_makes_a_second_copy_of_it(
    queue: Queue, server: MailServer
) -> None:
    server.replies["DATA"].append("drop")
    request = await queue.add()
    async with sending(queue.database, a_pool(server)):
        await ended(queue, request, "accepted")
    first, second = server.arrived
    assert first.message["Message-ID"] == second.message["Message-ID"]
    assert (await queue.row(request)).losses == 1
    assert await queue.events() == ["delayed", "accepted"]
