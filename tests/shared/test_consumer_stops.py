"""Pauses, stops and refusals of a consumer on a real bus: nothing is lost, and it says why."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from aiokafka import AIOKafkaProducer

from newsreel_events import Envelope, notifier
from newsreel_local.postgres import PostgresServer
from newsreel_runtime.consumer.consumer import Consumer
from newsreel_runtime.database import Database
from newsreel_runtime.kafka import connection_options
from newsreel_runtime.settings import Kafka, Postgres
from newsreel_runtime.transaction import Tx
from newsreel_testing.bus import an_envelope, foreign_producer, reading, send
from newsreel_testing.consumer_harness import (
    PARKED,
    Buggy,
    an_event,
    effects,
    make_effects,
    newsreel,
    note,
    running,
    with_effects,
)
from newsreel_testing.databases import Databases
from newsreel_testing.wait_until import until

ServiceDatabase = Callable[[str], Awaitable[Database]]


def new_consumer(kafka: Kafka, database: Database) -> Consumer:
    consumer = Consumer("identity", kafka, database)
    consumer.on(notifier.MailAcceptedV1, note)
    return consumer


@dataclass
class Away:
    """A database that can be taken away, as an operator would: renamed, its connections closed."""

    server: PostgresServer
    settings: Postgres

    async def rename(self, name: str, to: str) -> None:
        connection = await self.server.connect()
        try:
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name
            )
            await connection.execute(f"ALTER DATABASE {name} RENAME TO {to}")
        finally:
            await connection.close()

    @asynccontextmanager
    async def away(self) -> AsyncIterator[None]:
        name = self.settings.database
        await self.rename(name, f"{name}_away")
        try:
            yield
        finally:
            await self.rename(f"{name}_away", name)


@pytest.fixture
async def away(databases: Databases, postgres_server: PostgresServer) -> AsyncIterator[Away]:
    async with databases.fresh("newsreel_runtime") as settings:
        yield Away(postgres_server, settings)


async def says(consumer: Consumer, word: str) -> str:
    async def found() -> str | None:
        reason = consumer.why_not_ready()
        return reason if reason is not None and word in reason else None

    return await until(found, f"why it is not ready: {word}")


async def test_a_database_that_is_away_is_waited_for(kafka: Kafka, away: Away) -> None:
    event = an_event()
    async with Database.open(away.settings) as database:
        await make_effects(database)
        consumer = new_consumer(kafka, database)
        async with (
            foreign_producer(kafka) as producer,
            reading(kafka, [PARKED]) as parked,
            running(consumer),
        ):
            async with away.away():
                await send(producer, event)
                assert "a dependency is broken" in await says(consumer, "paused")
                assert consumer.why_not_alive() is None, "a restart would not mend the database"
            assert await until(lambda: effects(database, event.key), "the effect", deadline=30) == 1
            assert consumer.why_not_ready() is None
            assert await parked.poll() == []


async def test_a_stop_in_the_middle_of_a_pause_keeps_the_offset(kafka: Kafka, away: Away) -> None:
    event = an_event()
    async with Database.open(away.settings) as database, foreign_producer(kafka) as producer:
        await make_effects(database)
        async with away.away():
            consumer = new_consumer(kafka, database)
            async with running(consumer):
                await send(producer, event)
                await says(consumer, "paused")
        async with running(new_consumer(kafka, database)):
            assert await until(lambda: effects(database, event.key), "the effect") == 1


async def test_a_stop_waits_for_the_handler_at_hand(service_database: ServiceDatabase, kafka: Kafka) -> None:
    database = await with_effects(service_database)
    begun, go_on, calls = asyncio.Event(), asyncio.Event(), []

    async def slow(tx: Tx, event: notifier.MailAcceptedV1, envelope: Envelope) -> None:
        calls.append(envelope.key)
        begun.set()
        await go_on.wait()
        await note(tx, event, envelope)

    consumer = Consumer("identity", kafka, database)
    consumer.on(notifier.MailAcceptedV1, slow)
    event, next_one = an_event(), an_event()
    async with foreign_producer(kafka) as producer:
        async with running(consumer):
            await send(producer, event)
            await asyncio.wait_for(begun.wait(), 10)
            asyncio.get_running_loop().call_later(0.5, go_on.set)  # while the stop is under way
        assert await effects(database, event.key) == 1
        again = Consumer("identity", kafka, database)
        again.on(notifier.MailAcceptedV1, slow)
        async with running(again):
            await send(producer, next_one)
            await until(lambda: effects(database, next_one.key), "the next effect")
    assert calls == [event.key, next_one.key], "its offset was committed"


async def test_a_handler_without_an_end_is_cancelled_and_its_record_parked(
    service_database: ServiceDatabase, kafka: Kafka
) -> None:
    database = await with_effects(service_database)
    endless, good = an_event(), an_event()

    async def handle(tx: Tx, event: notifier.MailAcceptedV1, envelope: Envelope) -> None:
        if event == endless:
            await asyncio.Event().wait()
        await note(tx, event, envelope)

    consumer = Consumer("identity", kafka, database, handler_limit=0.3)
    consumer.on(notifier.MailAcceptedV1, handle)
    async with foreign_producer(kafka) as producer, reading(kafka, [PARKED]) as parked, running(consumer):
        await send(producer, endless)
        await send(producer, good)
        await until(lambda: effects(database, good.key), "the effect of the good record")
        [record] = await until(lambda: parked.at_least(1), "the parked record")
    assert dict(record.headers)["dlq_exception_type"] == b"TooLongError"


async def test_a_consumer_that_parks_too_much_stops_and_says_so(kafka: Kafka, databases: Databases) -> None:
    bad = [an_event() for _ in range(25)]
    handler = Buggy({event.key for event in bad})
    async with databases.fresh("newsreel_runtime") as settings, Database.open(settings) as database:
        await make_effects(database)
        consumer = Consumer("identity", kafka, database)
        consumer.on(notifier.MailAcceptedV1, handler)
        async with foreign_producer(kafka) as producer, reading(kafka, [PARKED]) as parked:
            async with running(consumer):
                for event in bad:
                    await producer.send_and_wait(
                        notifier.MAIL,
                        event.model_dump_json().encode(),
                        key=event.key.encode(),
                        partition=0,
                        headers=an_envelope(event).headers(),
                    )
                assert "in a row" in await says(consumer, "RuntimeError")
                assert consumer.why_not_alive() is None, "a restart would park twenty more"
            assert len(await until(lambda: parked.at_least(20), "twenty parked records")) == 20
            handler.fails_for.clear()
            fixed = Consumer("identity", kafka, database)
            fixed.on(notifier.MailAcceptedV1, handler)
            async with running(fixed):
                await until(
                    lambda: effects(database, bad[-1].key), "the effects of those that were not parked"
                )
                replayed = await newsreel(kafka, settings, "dlq", "replay", "--group", "identity")
                assert replayed.code == 0, replayed.err
                assert [await effects(database, event.key) for event in bad] == [1] * 25


async def test_a_topic_that_does_not_exist_is_named(service_database: ServiceDatabase, kafka: Kafka) -> None:
    consumer = Consumer("stranger", kafka, await service_database("newsreel_runtime"))
    consumer.on(notifier.MailAcceptedV1, note)
    stopping = asyncio.Event()
    task = asyncio.create_task(consumer.run(stopping))
    try:
        said = await says(consumer, "topics that do not exist")
        assert said.endswith("notifier.mail.v1.stranger.replay")
    finally:
        stopping.set()
        await task


async def test_markers_of_a_foreign_transaction_are_no_lag(
    service_database: ServiceDatabase, kafka: Kafka
) -> None:
    database = await with_effects(service_database)
    consumer, event = new_consumer(kafka, database), an_event()
    producer = AIOKafkaProducer(transactional_id="foreign", **connection_options(kafka))
    await producer.start()
    try:
        async with running(consumer):
            async with producer.transaction():
                await send(producer, event)
            await until(lambda: effects(database, event.key), "the effect")

            async def nothing_waits() -> bool:
                return bool(consumer.health.progress) and not consumer.health.waiting()

            await until(nothing_waits, "the position behind the marker")
    finally:
        await producer.stop()
