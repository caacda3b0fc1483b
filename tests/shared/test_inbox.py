"""The inbox: one effect per (consumer, id), whatever happens to the partition of its day."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest
from aiokafka import ConsumerRecord

from newsreel_events import notifier
from newsreel_runtime.clock import now
from newsreel_runtime.consumer.inbox import Decision, admit
from newsreel_runtime.consumer.inbox_days import KEPT, keep_days
from newsreel_runtime.consumer.parked_records import Parked, hold
from newsreel_runtime.consumer.record import Job, Place
from newsreel_runtime.database import Database
from newsreel_runtime.ids import new_id
from newsreel_runtime.migrate import read
from newsreel_runtime.settings import Postgres
from newsreel_testing.bus import an_envelope
from newsreel_testing.consumer_harness import an_event
from newsreel_testing.databases import Databases

ServiceDatabase = Callable[[str], Awaitable[Database]]
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def a_job(at: datetime, event_id: UUID | None = None, offset: int = 0) -> Job:
    event = an_event()
    envelope = an_envelope(event).model_copy(update={"id": event_id or new_id(), "time": at})
    place = Place(notifier.MAIL, 0, offset)
    key = event.key.encode()
    record = ConsumerRecord(notifier.MAIL, 0, offset, 0, 0, key, b"{}", None, len(key), 2, ())
    return Job(record, place, False, envelope, event)


async def decisions(database: Database, *jobs: Job) -> list[Decision]:
    async with database.begin() as tx:
        return [admitted.decision for admitted in await admit(tx.sql, "identity", jobs)]


async def days(database: Database) -> dict[str, int]:
    """The inbox's partitions and how many rows each has."""
    async with database.read() as connection:
        rows = await connection.fetch("SELECT tableoid::regclass::text AS name FROM inbox")
        names = await connection.fetch(
            "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'inbox'::regclass"
        )
    held = [row["name"] for row in rows]
    return {row["name"]: held.count(row["name"]) for row in names}


async def turn(database: Database, at: datetime) -> tuple[int, int]:
    async with database.begin() as tx:
        return await keep_days(tx, at)


async def test_an_event_is_handled_once_across_batches_and_within_one(
    service_database: ServiceDatabase,
) -> None:
    database = await service_database("newsreel_runtime")
    job, other = a_job(NOW), a_job(NOW, offset=1)
    assert await decisions(database, job, job, other) == [Decision.HANDLE, Decision.SEEN, Decision.HANDLE]
    assert await decisions(database, other, job) == [Decision.SEEN, Decision.SEEN]


async def test_a_copy_of_what_had_its_effect_does_not_wait_behind_a_parked_key(
    service_database: ServiceDatabase,
) -> None:
    """A relay that dies before Kafka answers sends a key again, poison and all."""
    database = await service_database("newsreel_runtime")
    done = a_job(NOW)
    assert await decisions(database, done) == [Decision.HANDLE]

    def at(offset: int, *, again: bool) -> Job:
        envelope = done.envelope if again else done.envelope.model_copy(update={"id": new_id()})
        return replace(done, place=Place(notifier.MAIL, 0, offset), envelope=envelope)

    poison = at(1, again=False)
    async with database.begin() as tx:
        await hold(tx.sql, "identity", Parked(poison.record, poison.place, ValueError(), 1))
    assert await decisions(database, at(2, again=True), at(3, again=False)) == [
        Decision.SEEN,
        Decision.BEHIND,
    ]


async def test_the_same_id_is_seen_before_and_after_its_day_got_a_partition(
    service_database: ServiceDatabase,
) -> None:
    database = await service_database("newsreel_runtime")
    job = a_job(NOW)
    assert await decisions(database, job) == [Decision.HANDLE]
    assert (await days(database))["inbox_other"] == 1
    assert await turn(database, NOW) == (5, 0)
    assert await days(database) == {
        "inbox_other": 0,
        "inbox_20261123": 0,
        "inbox_20261124": 1,
        "inbox_20261125": 0,
        "inbox_20261126": 0,
        "inbox_20261127": 0,
    }
    assert await decisions(database, job) == [Decision.SEEN]
    assert await turn(database, NOW) == (0, 0)


async def test_odd_times_have_their_place_too(service_database: ServiceDatabase) -> None:
    database = await service_database("newsreel_runtime")
    await turn(database, NOW)
    odd = [a_job(NOW + timedelta(days=400)), a_job(datetime(1970, 1, 1, tzinfo=UTC), offset=1)]
    assert await decisions(database, *odd) == [Decision.HANDLE, Decision.HANDLE]
    assert await decisions(database, *odd) == [Decision.SEEN, Decision.SEEN]
    assert (await days(database))["inbox_other"] == 2


async def test_the_day_is_that_of_the_event_in_utc(service_database: ServiceDatabase) -> None:
    database = await service_database("newsreel_runtime")
    await turn(database, NOW)
    late = datetime.fromisoformat("2026-11-24T23:30:00-05:00")
    await decisions(database, a_job(late))
    assert (await days(database))["inbox_20261125"] == 1


async def test_a_day_goes_when_none_of_its_events_can_come_again(service_database: ServiceDatabase) -> None:
    database = await service_database("newsreel_runtime")
    await turn(database, NOW - KEPT - timedelta(days=5))
    early, late = a_job(NOW - KEPT - timedelta(days=5)), a_job(NOW - KEPT - timedelta(days=4), offset=1)
    await decisions(database, early, late)
    async with database.begin() as tx:
        await tx.sql.execute(
            "UPDATE inbox SET received_at = $2 WHERE ce_id = $1", early.envelope.id, early.envelope.time
        )
        await tx.sql.execute(
            "UPDATE inbox SET received_at = $2 WHERE ce_id = $1", late.envelope.id, NOW - timedelta(days=1)
        )
    made, dropped = await turn(database, NOW)
    assert (made, dropped) == (5, 2), "a turn is bounded"
    assert [(await turn(database, NOW))[1] for _ in range(2)] == [2, 0], "a row that came late keeps its day"
    assert f"inbox_{late.envelope.time:%Y%m%d}" in await days(database)
    assert await decisions(database, late) == [Decision.SEEN]
    assert await decisions(database, early) == [Decision.HANDLE], "forgotten, as it was to be"


async def test_one_turn_is_bounded(service_database: ServiceDatabase) -> None:
    database = await service_database("newsreel_runtime")
    for n in (40, 44, 48):
        await turn(database, NOW - timedelta(days=n))
    dropped = []
    while (gone := (await turn(database, NOW))[1]) > 0:
        dropped.append(gone)
    assert max(dropped) == 2
    assert sum(dropped) == 13
    assert min(name for name in await days(database) if name != "inbox_other") >= "inbox_20261027"


async def test_old_rows_of_odd_times_go_too(service_database: ServiceDatabase) -> None:
    database = await service_database("newsreel_runtime")
    await decisions(database, a_job(datetime(1970, 1, 1, tzinfo=UTC)))
    await turn(database, now() + KEPT - timedelta(hours=1))
    assert (await days(database))["inbox_other"] == 1
    await turn(database, now() + KEPT + timedelta(hours=1))
    assert (await days(database))["inbox_other"] == 0


async def test_several_replicas_do_not_disturb_each_other(service_database: ServiceDatabase) -> None:
    database = await service_database("newsreel_runtime")
    turns = await asyncio.gather(*(turn(database, NOW) for _ in range(5)))
    assert sorted(turns) == [(0, 0)] * 4 + [(5, 0)]


async def test_consuming_goes_on_while_days_are_made(service_database: ServiceDatabase) -> None:
    database = await service_database("newsreel_runtime")
    jobs = [a_job(NOW, offset=n) for n in range(40)]

    async def consume(job: Job) -> Decision:
        for _ in range(3):  # as consuming does: a row that meets a moving partition is tried again
            try:
                return (await decisions(database, job))[0]
            except asyncpg.CheckViolationError:
                continue
        raise AssertionError("three times in a row")

    found = await asyncio.gather(*(consume(job) for job in jobs), turn(database, NOW))
    assert found[:-1] == [Decision.HANDLE] * 40
    assert await decisions(database, *jobs) == [Decision.SEEN] * 40


async def test_what_was_seen_before_the_migration_is_seen_after_it(databases: Databases) -> None:
    """The table without days becomes the one with them: an id of ours tells its own day."""
    migrations = read("newsreel_runtime")
    admin = await databases._server.connect()
    await admin.execute("DROP DATABASE IF EXISTS inbox_before")
    await admin.execute("CREATE DATABASE inbox_before")
    settings: Postgres = databases.settings("inbox_before")
    job, foreign = a_job(now()), uuid4()
    try:
        async with Database.open(settings) as database:
            async with database.begin() as tx:
                await tx.sql.execute(migrations[0].sql)
                await tx.sql.execute(
                    "INSERT INTO inbox (consumer, ce_id, received_at)"
                    " SELECT 'identity', unnest($1::uuid[]), clock_timestamp() + '3 days'",
                    [job.envelope.id, foreign],
                )
            for migration in migrations[1:]:
                async with database.begin() as tx:
                    await tx.sql.execute(migration.sql)
            assert await decisions(database, job) == [Decision.SEEN]
            async with database.read() as connection:
                day: date = await connection.fetchval("SELECT day FROM inbox WHERE ce_id = $1", foreign)
            assert day == (now() + timedelta(days=3)).date()
    finally:
        await admin.execute("DROP DATABASE inbox_before WITH (FORCE)")
        await admin.close()


async def test_an_id_without_a_day_is_refused(service_database: ServiceDatabase) -> None:
    database = await service_database("newsreel_runtime")
    with pytest.raises(asyncpg.NotNullViolationError):
        async with database.begin() as tx:
            await tx.sql.execute("INSERT INTO inbox (consumer, ce_id) VALUES ('x', $1)", uuid4())
