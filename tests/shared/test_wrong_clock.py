"""A process whose clock is 40 days ahead drops nothing that is to be kept: trial C11."""

import asyncio
import os
import sys
from datetime import timedelta
from pathlib import Path

from aiokafka import ConsumerRecord

from newsreel_events import MalformedError, notifier
from newsreel_runtime.consumer import parked_records
from newsreel_runtime.consumer.parked_records import Parked
from newsreel_runtime.consumer.record import Place
from newsreel_runtime.database import Database
from newsreel_runtime.transaction import Tx
from newsreel_testing.databases import Databases
from newsreel_testing.environment import environment_of
from newsreel_testing.wait_until import until

# What the operating system would say: imported by Python before anything else.
FORTY_DAYS_AHEAD = """
import datetime, time
seconds = time.time
time.time = lambda: seconds() + 40 * 86400
class Ahead(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return super().now(tz) + datetime.timedelta(days=40)
datetime.datetime = Ahead
"""
TIMERS = """
import asyncio
from newsreel_events import notifier
from newsreel_runtime.clock import now
from newsreel_runtime.consumer.consumer import Consumer
from newsreel_runtime.database import Database
from newsreel_runtime.settings import Kafka, Postgres

async def take(*_):
    pass

async def main():
    print(now().isoformat(), flush=True)
    async with Database.open(Postgres()) as database:
        consumer = Consumer("identity", Kafka(bootstrap="-"), database)
        consumer.on(notifier.MailAcceptedV1, take)
        await asyncio.gather(*(timer(asyncio.Event()) for timer in consumer.timers))

asyncio.run(main())
"""


async def park(tx: Tx, *offsets: int) -> None:
    for offset in offsets:
        record = ConsumerRecord(notifier.MAIL, 0, offset, 0, 0, b"k", b"{", None, 1, 1, ())
        place = Place(notifier.MAIL, 0, offset)
        await parked_records.hold(tx.sql, "identity", Parked(record, place, MalformedError("x"), 1))


async def test_a_timer_of_the_future_keeps_what_is_young(databases: Databases, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(FORTY_DAYS_AHEAD)
    async with databases.fresh("newsreel_runtime") as postgres, Database.open(postgres) as database:
        async with database.begin() as tx:
            await tx.sql.execute(
                "INSERT INTO inbox (consumer, ce_id, day)"
                " SELECT 'identity', gen_random_uuid(), current_date - n % 20 FROM generate_series(1, 100) n"
            )
            await park(tx, 0, 1)
            await tx.sql.execute(
                """UPDATE parked_record SET parked_at = now() - interval '15 days' WHERE "offset" = 0"""
            )
        environment = os.environ | environment_of(postgres) | {"PYTHONPATH": str(tmp_path)}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", TIMERS, env=environment, stdout=asyncio.subprocess.PIPE
        )

        async def the_old_one_is_gone() -> bool:
            async with database.read() as sql:
                return not await sql.fetchval('SELECT EXISTS (SELECT FROM parked_record WHERE "offset" = 0)')

        await until(the_old_one_is_gone, "the end of a turn of the timers", deadline=30)
        process.terminate()
        said, _ = await process.communicate()
        async with database.read() as sql:
            assert said[:10].decode() > (
                await sql.fetchval("SELECT (now() + interval '30 days')::date::text")
            )
            assert await sql.fetchval("SELECT count(*) FROM inbox") == 100
            assert await sql.fetchval("SELECT count(*) FROM parked_record") == 1


async def test_one_turn_drops_few_parked_records_and_the_oldest(databases: Databases) -> None:
    """A database whose clock is wrong: somebody has the time to notice."""
    async with databases.fresh("newsreel_runtime") as postgres, Database.open(postgres) as database:
        async with database.begin() as tx:
            await park(tx, *range(103))
            await tx.sql.execute(
                """UPDATE parked_record SET parked_at = now() - interval '15 days 1 s' * ("offset" + 1)"""
            )
        async with database.begin() as tx:
            fortnight = timedelta(days=14)
            assert await parked_records.forget(tx.sql, "identity", notifier.MAIL, fortnight) == 100
            left = await parked_records.waiting(tx.sql, "identity", notifier.MAIL)
    assert [row.place.offset for row in left] == [0, 1, 2]
