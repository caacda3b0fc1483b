"""The audit in the database: what happened is in the chain, once, whatever commits late or is killed."""

import asyncio
import re
import signal
from collections import Counter
from datetime import date
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import httpx
import pytest

from delivery.domain.audit import START, Record
from delivery.domain.audit_check import Check
from delivery.domain.grant import Grant
from delivery.inbound_timer import create_timers
from delivery.store import audit
from delivery.usecases.chain_audit import chain_audit
from newsreel_runtime.database import Database
from newsreel_runtime.ids import new_id
from newsreel_testing.databases import Databases
from newsreel_testing.delivery_service import NOON, Delivery
from newsreel_testing.delivery_timers import delivery_timers
from newsreel_testing.wait_until import until

_USE_CASES = Path(__file__).parents[2] / "services/delivery/src/delivery/usecases"


def a_grant() -> Grant:
    return Grant(new_id(), new_id(), new_id(), new_id())


async def chained(database: Database) -> list[Record]:
    """The whole chain, after it was judged."""
    async with database.read() as sql:
        records = [record async for record in audit.read(sql, date.min, date.max)]
        check = Check(START, await audit.end(sql))
    assert [check.take(record) for record in records] == [None] * len(records)
    assert check.finish() is None
    return records


async def chain(database: Database, limit: int = 1000) -> int:
    async with database.begin() as tx:
        return await chain_audit(tx, limit)


async def asked(delivery: Delivery, client: httpx.AsyncClient) -> tuple[UUID, str]:
    """An account with a grant, and its ticket."""
    video, rendition = await delivery.publish_file(b"bytes")
    account = await delivery.account()
    client.headers.update(delivery.issuer.bearer(account))
    wanted = {"video_id": str(video.video_id), "rendition_id": str(rendition.rendition_id)}
    return account, f"/download/{(await client.post('/v1/grants', json=wanted)).json()['grant_id']}"


async def test_what_the_bus_hears_the_audit_has(delivery: Delivery, client: httpx.AsyncClient) -> None:
    account, ticket = await asked(delivery, client)
    moved = urlsplit((await client.get(ticket)).headers["location"])
    await client.get(ticket)
    await client.delete(f"/v1/downloads/{ticket.rpartition('/')[2]}")
    assert (await client.get(f"{moved.path}?{moved.query}")).status_code == 410
    assert await chain(delivery.database) == 4
    records = await chained(delivery.database)
    said = [event.split(".")[3] for event in await delivery.emitted()]
    assert [record.entry.kind for record in records] == said == ["granted", "redeemed", "revoked", "refused"]
    assert [record.entry.reason for record in records] == [None, None, "by-account", "revoked"]
    assert {str(record.entry.grant_id) for record in records} == {ticket.rpartition("/")[2]}
    assert {record.entry.version for record in records} == {1}
    assert {record.entry.occurred_at for record in records} == {NOON}
    [name] = {record.entry.pseudonym for record in records}
    assert name != account
    async with delivery.database.read() as sql:
        assert await audit.pseudonym_of(sql, account) == name


def test_no_event_of_a_download_is_said_without_the_audit() -> None:
    uses = {file.name: file.read_text() for file in _USE_CASES.glob("*.py")}
    says = re.compile(r"outbound_events\.(?:download|recall)_")
    said = {name: len(says.findall(text)) for name, text in uses.items()}
    assert sum(said.values()) >= 4
    kept = {name: text.count("audit.add(") for name, text in uses.items()}
    assert [name for name in uses if said[name] > kept[name]] == []


async def test_what_is_rolled_back_is_in_no_audit(delivery: Delivery) -> None:
    async def fail() -> None:
        async with delivery.database.begin() as tx:
            audit.add(tx, "granted", a_grant(), NOON)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await chain(delivery.database) == 0


async def test_the_chain_is_whole_after_an_erasure_and_nobody_knows_whose_it_is(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    account, ticket = await asked(delivery, client)
    await client.get(ticket)
    await chain(delivery.database)
    before = await chained(delivery.database)
    await delivery.erase_account(account)
    assert await chained(delivery.database) == before
    async with delivery.database.read() as sql:
        assert await audit.pseudonym_of(sql, account) is None
        rows = await sql.fetch("SELECT row_to_json(audit_record)::text FROM audit_record")
    assert not any(str(account) in row[0] for row in rows)


async def test_a_name_that_a_late_request_gave_goes_with_the_account(delivery: Delivery) -> None:
    grant = a_grant()
    await delivery.erase_account(grant.account_id)
    async with delivery.database.begin() as tx:
        audit.add(tx, "granted", grant, NOON)
        await tx.sql.execute("UPDATE account SET changed_at = now() - interval '11 minutes'")
    timer, *_ = create_timers(delivery.database)
    stopping = asyncio.Event()
    running = asyncio.ensure_future(timer(stopping))

    async def forgotten() -> bool:
        async with delivery.database.read() as sql:
            return await audit.pseudonym_of(sql, grant.account_id) is None

    await until(forgotten, "the name is forgotten")
    stopping.set()
    await running


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_record SET reason = 'expired'",
        "DELETE FROM audit_record",
        "TRUNCATE audit_record",
        "INSERT INTO audit_record SELECT * FROM audit_record",
    ],
)
async def test_the_database_refuses_a_change(delivery: Delivery, change: str) -> None:
    async with delivery.database.begin() as tx:
        audit.add(tx, "granted", a_grant(), NOON)
    await chain(delivery.database)
    with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.UniqueViolationError)):
        async with delivery.database.begin() as tx:
            await tx.sql.execute(change)
    assert len(await chained(delivery.database)) == 1


async def test_an_entry_that_commits_late_is_not_passed_over(delivery: Delivery) -> None:
    """Serial numbers are given before the commit: the lower one may be seen after the higher one."""
    late, early = a_grant(), a_grant()
    async with delivery.database.begin() as slow:
        audit.add(slow, "granted", late, NOON)
        await slow.sql.flush()
        async with delivery.database.begin() as fast:
            audit.add(fast, "granted", early, NOON)
        assert await chain(delivery.database) == 1
    assert await chain(delivery.database) == 1
    assert [record.entry.grant_id for record in await chained(delivery.database)] == [
        early.grant_id,
        late.grant_id,
    ]


async def test_one_process_at_a_time_adds(delivery: Delivery) -> None:
    async with delivery.database.begin() as tx:
        audit.add(tx, "granted", a_grant(), NOON)
    async with delivery.database.begin() as leading:
        assert await audit.lead(leading)
        assert await chain(delivery.database) == 0
    assert await chain(delivery.database) == 1


async def test_a_day_begins_with_what_ended_the_day_before(
    delivery: Delivery, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    async with delivery.database.begin() as tx:
        audit.add(tx, "granted", a_grant(), NOON)
    await chain(delivery.database)
    async with delivery.database.begin() as tx:  # as if the last record were yesterday's
        await tx.sql.execute("ALTER TABLE audit_record DISABLE TRIGGER audit_record_append_only")
        await tx.sql.execute("DELETE FROM audit_record")
        await tx.sql.execute("ALTER TABLE audit_record ENABLE TRIGGER audit_record_append_only")
        await tx.sql.execute("UPDATE audit_end SET day = day - 1")
        audit.add(tx, "granted", a_grant(), NOON)
    async with delivery.database.read() as sql:
        yesterday = await audit.end(sql)
    await chain(delivery.database)
    async with delivery.database.read() as sql:
        [record] = [record async for record in audit.read(sql, date.min, date.max)]
    assert (record.number, record.previous) == (1, yesterday.hash)
    [said] = [entry for entry in caplog.records if entry.message == "a day of the audit is over"]
    assert vars(said)["hash"] == yesterday.hash


async def test_none_is_lost_and_none_is_doubled(databases: Databases) -> None:
    """Eight writers whose transactions overlap, two processes that chain; one after another is killed."""
    async with databases.fresh("delivery") as postgres, Database.open(postgres) as database:
        grants = [a_grant() for _ in range(8)]

        async def write(grant: Grant) -> None:
            for _ in range(250):
                async with database.begin() as tx:
                    audit.add(tx, "redeemed", grant, NOON)
                    await tx.sql.execute("SELECT pg_sleep(0.005)")

        async def have(records: int) -> bool:
            async with database.read() as sql:
                return bool(await sql.fetchval("SELECT count(*) >= $1 FROM audit_record", records))

        writing = [asyncio.ensure_future(write(grant)) for grant in grants]
        for killed in range(3):
            async with delivery_timers(postgres) as doomed, delivery_timers(postgres):
                await until(partial(have, 1 + 200 * killed), "records", deadline=30)
                doomed.kill()
        async with delivery_timers(postgres):
            await asyncio.gather(*writing)
            await until(partial(have, 2000), "the chain", deadline=30)
        counted = Counter(record.entry.grant_id for record in await chained(database))
        assert counted == {grant.grant_id: 250 for grant in grants}


async def test_a_killed_process_leaves_what_waited(databases: Databases) -> None:
    async with databases.fresh("delivery") as postgres, Database.open(postgres) as database:
        async with database.begin() as tx:
            audit.add(tx, "granted", a_grant(), NOON)
        async with delivery_timers(postgres, "audit.chained") as doomed:
            assert await doomed.wait() == -signal.SIGKILL
        assert await chained(database) == []
        async with delivery_timers(postgres):

            async def is_chained() -> bool:
                return len(await chained(database)) == 1

            await until(is_chained, "the record", deadline=30)
