"""A consumer whose Kafka dies, or whose group changes, while it works: nothing is lost, and it goes on."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from aiokafka.errors import KafkaError
from pydantic import SecretStr

from newsreel_events import Envelope, notifier
from newsreel_local.kafka import KafkaServer
from newsreel_runtime.consumer.consumer import Consumer
from newsreel_runtime.database import Database
from newsreel_runtime.settings import Kafka
from newsreel_runtime.transaction import Tx
from newsreel_testing.bus import foreign_producer, make_topics, send
from newsreel_testing.consumer_harness import ServiceDatabase, an_event, effects, note, running, with_effects
from newsreel_testing.wait_until import free_port, until


class Held:
    """A handler that holds the first record of `keys` until it is let go."""

    def __init__(self, *keys: str) -> None:
        self.keys = set(keys)
        self.begun, self.let_go = asyncio.Event(), asyncio.Event()

    async def __call__(self, tx: Tx, event: notifier.MailAcceptedV1, envelope: Envelope) -> None:
        if event.key in self.keys:
            self.begun.set()
            await self.let_go.wait()
        await note(tx, event, envelope)


@pytest.fixture
async def mortal(tmp_path: Path) -> AsyncIterator[KafkaServer]:
    """A Kafka that may be killed: nobody else's."""
    server = KafkaServer(tmp_path, free_port(), free_port(), {"broker": "secret", "admin": "secret"})
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def its_kafka(mortal: KafkaServer) -> Kafka:
    """How to reach it, with every topic of the table in place."""
    settings = Kafka(bootstrap=mortal.bootstrap, user="admin", password=SecretStr("secret"))
    await make_topics(settings)
    return settings


def new_consumer(kafka: Kafka, database: Database, handler: Held) -> Consumer:
    """A member of the group `identity`."""
    consumer = Consumer("identity", kafka, database)
    consumer.on(notifier.MailAcceptedV1, handler)
    return consumer


async def sent(kafka: Kafka, event: notifier.MailAcceptedV1) -> None:
    """Return once Kafka has it, which may be starting."""

    async def taken() -> bool:
        try:
            async with foreign_producer(kafka) as producer:
                await send(producer, event)
        except KafkaError:
            return False
        return True

    await until(taken, "Kafka", deadline=60)


async def test_kafka_may_be_killed_while_a_batch_is_at_hand(
    service_database: ServiceDatabase, mortal: KafkaServer, its_kafka: Kafka
) -> None:
    database = await with_effects(service_database)
    before, after = an_event(), an_event()
    handler = Held(before.key)
    consumer = new_consumer(its_kafka, database, handler)
    async with running(consumer):
        await sent(its_kafka, before)
        await asyncio.wait_for(handler.begun.wait(), 30)
        await mortal.kill()
        handler.let_go.set()  # its offsets are committed to nobody
        await until(lambda: effects(database, before.key), "the effect, which needs no Kafka")
        assert consumer.why_not_ready() is None, "a Kafka that is away is no reason"
        assert consumer.why_not_alive() is None
        await mortal.start()
        await sent(its_kafka, after)
        await until(lambda: effects(database, after.key), "the effect of what came later", deadline=60)
        assert consumer.why_not_ready() is None
    assert [await effects(database, event.key) for event in (before, after)] == [1, 1]


async def test_a_stop_does_not_wait_for_a_kafka_that_is_away(
    service_database: ServiceDatabase, mortal: KafkaServer, its_kafka: Kafka
) -> None:
    database = await with_effects(service_database)
    async with asyncio.timeout(100):
        async with running(new_consumer(its_kafka, database, Held())):
            await mortal.kill()
        beginning = asyncio.create_task(
            new_consumer(its_kafka, database, Held()).run(stopping := asyncio.Event())
        )
        asyncio.get_running_loop().call_soon(stopping.set)
        await beginning


async def test_who_loses_its_partitions_in_the_middle_of_a_batch_goes_on(
    service_database: ServiceDatabase, kafka: Kafka
) -> None:
    database = await with_effects(service_database)
    held, later = an_event(), [an_event() for _ in range(20)]
    handlers = [Held(held.key), Held()]
    first, second = (new_consumer(kafka, database, handler) for handler in handlers)
    async with running(first), foreign_producer(kafka) as producer:
        await send(producer, held)
        await asyncio.wait_for(handlers[0].begun.wait(), 30)
        async with running(second):  # the group gives out its partitions anew; the batch is still at hand
            handlers[0].let_go.set()
            for event in later:
                await send(producer, event)
            for event in [held, *later]:
                await until(partial(effects, database, event.key), "its effect", deadline=60)
            assert [consumer.why_not_alive() for consumer in (first, second)] == [None, None]
        last = an_event()
        await send(producer, last)
        await until(lambda: effects(database, last.key), "the effect after the other one left", deadline=60)
    assert [await effects(database, event.key) for event in [held, *later, last]] == [1] * 22
