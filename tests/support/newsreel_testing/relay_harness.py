"""Running a relay beside a test, and looking at what it does."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from uuid import UUID

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from newsreel_events import Envelope, TraceContext, notifier
from newsreel_local.process import Process
from newsreel_runtime import outbox
from newsreel_runtime.clock import now
from newsreel_runtime.database import Database
from newsreel_runtime.ids import new_id
from newsreel_runtime.kafka import connection_options
from newsreel_runtime.outbox import Held, OutboxRow
from newsreel_runtime.publisher.relay import Relay
from newsreel_runtime.settings import Kafka
from newsreel_testing.bus import Record


def an_event(reference: UUID, generation: int = 1) -> notifier.MailAcceptedV1:
    """An event of a public topic, with its place in the order of its key."""
    return notifier.MailAcceptedV1(
        reference_id=reference, generation=generation, kind="signup_code", occurred_at=datetime.now(UTC)
    )


async def put(database: Database, topic: str, key: str, *payloads: bytes | None) -> None:
    """Rows for any topic, each in a transaction of its own."""
    for payload in payloads:
        envelope = Envelope(
            id=new_id(), type="test", source="/test", time=now(), key=key, trace=TraceContext()
        )
        async with database.begin() as tx:
            await outbox.add(tx.sql, [(topic, envelope, payload)])


async def waiting(database: Database) -> list[OutboxRow]:
    """The rows that a relay would read now."""
    async with database.read() as connection:
        return await outbox.exchange(connection, [], [], Held(), 1_000_000)


async def emptied(database: Database) -> bool:
    """Whether nothing waits in the outbox."""
    async with database.read() as connection:
        return (await outbox.backlog(connection)).rows == 0


@asynccontextmanager
async def running(*relays: Relay) -> AsyncIterator[None]:
    """The relays run until the end of the block; an orderly stop."""
    stopping = asyncio.Event()
    tasks = [asyncio.create_task(relay.run(stopping)) for relay in relays]
    try:
        yield
    finally:
        stopping.set()
        await asyncio.gather(*tasks)


async def make_topic(kafka: Kafka, name: str, partitions: int = 3, limit: int | None = None) -> None:
    """A topic of the test's own; `limit` is the largest batch that it takes, in bytes."""
    admin = AIOKafkaAdminClient(**connection_options(kafka))
    await admin.start()
    try:
        config = {"max.message.bytes": str(limit)} if limit else {}
        await admin.create_topics([NewTopic(name, partitions, 1, topic_configs=config)])
    finally:
        await admin.close()


async def delete_topic(kafka: Kafka, name: str) -> None:
    """The topic is gone, with all that was in it."""
    admin = AIOKafkaAdminClient(**connection_options(kafka))
    await admin.start()
    try:
        await admin.delete_topics([name])
    finally:
        await admin.close()


async def records_of(kafka: Kafka, topic: str, count: int, partitions: int = 3) -> list[Record]:
    """Everything in a topic, each partition in its order, once there are `count` records."""
    # From the start by itself: aiokafka may fetch from the end before a seek is asked for.
    async with AIOKafkaConsumer(auto_offset_reset="earliest", **connection_options(kafka)) as consumer:
        consumer.assign([TopicPartition(topic, number) for number in range(partitions)])
        found: list[Record] = []
        while len(found) < count:
            fetched = await consumer.getmany(timeout_ms=1000)
            found += [record for records in fetched.values() for record in records]
    return found


@contextmanager
def frozen(process: Process | None) -> Iterator[None]:
    """The process neither works nor answers, and does not end: as if the network dropped everything."""
    assert process is not None
    os.killpg(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGCONT)


def firsts(values: Sequence[bytes]) -> list[bytes]:
    """What a consumer that drops repetitions sees, in order."""
    return list(dict.fromkeys(values))
