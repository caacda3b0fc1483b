"""What the relay relies on, held against the real Kafka and the one in memory that other tests use."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from newsreel_runtime.kafka import connection_options
from newsreel_runtime.outbox import OutboxRow
from newsreel_runtime.publisher.kafka_sink import KafkaSink
from newsreel_runtime.publisher.lanes import RefusedError, Sink, TopicRefusedError
from newsreel_runtime.settings import Kafka
from newsreel_testing.memory_kafka import MemoryKafka, Stored
from newsreel_testing.relay_harness import make_topic
from newsreel_testing.wait_until import until


def a_row(topic: str, payload: bytes | None, key: str = "key", traceparent: str | None = None) -> OutboxRow:
    return OutboxRow(
        seq=1,
        topic=topic,
        key=key,
        payload=payload,
        id=str(uuid4()),
        type="newsreel.test.v1",
        source="/newsreel/test",
        specversion="1.0",
        subject="test/1",
        time="2026-01-01T00:00:00+00:00",
        contenttype="application/json",
        dataschema=None,
        traceparent=traceparent,
        tracestate=None,
        waited=0.0,
    )


async def knows(sink: Sink[Any], topic: str) -> bool:
    """Whether a look at `topic` finds it; a new one is not seen at once."""
    try:
        await sink.look_up(topic)
    except TopicRefusedError:
        return False
    return True


@dataclass
class Bus:
    """A Kafka, of either kind."""

    sink: Sink[Any]
    make: Callable[[str, int | None], Awaitable[None]]
    read: Callable[[str, int, int], Awaitable[list[Stored]]]

    async def topic(self, limit: int | None = None) -> str:
        """A new topic that the sink knows."""
        name = f"sink.{uuid4()}"
        await self.make(name, limit)
        await until(lambda: knows(self.sink, name), "the new topic")
        return name

    async def send(self, *rows: OutboxRow) -> int:
        """One batch to the partition of its key; its number of rows."""
        partition = self.sink.partition(rows[0].topic, rows[0].key)
        assert partition is not None
        batch, count = self.sink.pack(rows)
        await self.sink.send(rows[0].topic, partition, batch)
        return count

    async def records(self, topic: str, count: int) -> list[Stored]:
        """Everything in the partition of the key "key", which must be `count` records."""
        partition = self.sink.partition(topic, "key")
        assert partition is not None
        return await self.read(topic, partition, count)


@asynccontextmanager
async def in_memory() -> AsyncIterator[Bus]:
    kafka = MemoryKafka()

    async def make(name: str, limit: int | None) -> None:
        kafka.topics[name] = 3
        kafka.limits[name] = limit or 1_000_000

    async def read(topic: str, partition: int, _count: int) -> list[Stored]:
        return kafka.logs[topic, partition]

    yield Bus(await kafka.open(Kafka(bootstrap="nowhere"), "test"), make, read)


@asynccontextmanager
async def real(kafka: Kafka) -> AsyncIterator[Bus]:
    async def make(name: str, limit: int | None) -> None:
        await make_topic(kafka, name, limit=limit)

    async def read(topic: str, partition: int, count: int) -> list[Stored]:
        place = TopicPartition(topic, partition)
        async with AIOKafkaConsumer(auto_offset_reset="earliest", **connection_options(kafka)) as consumer:
            consumer.assign([place])
            records: list[Any] = []
            while len(records) < count:
                records += (await consumer.getmany(timeout_ms=1000)).get(place, [])
            assert (await consumer.end_offsets([place]))[place] == len(records)
        return [Stored(record.key, record.value, list(record.headers)) for record in records]

    sink = await KafkaSink.open(kafka, "contract")
    yield Bus(sink, make, read)
    await sink.close(abandon=False)


@pytest.fixture(params=["memory", "real"])
async def bus(request: pytest.FixtureRequest, kafka: Kafka) -> AsyncIterator[Bus]:
    async with in_memory() if request.param == "memory" else real(kafka) as found:
        yield found


async def test_a_topic_is_refused_until_it_exists(bus: Bus) -> None:
    name = f"sink.{uuid4()}"
    assert bus.sink.partition(name, "key") is None
    with pytest.raises(TopicRefusedError, match="Unknown"):
        await bus.sink.look_up(name)
    await bus.make(name, None)
    await until(lambda: knows(bus.sink, name), "the new topic")
    assert bus.sink.partition(name, "key") in range(3)


async def test_a_batch_arrives_in_order_byte_for_byte(bus: Bus) -> None:
    topic = await bus.topic()
    rows = [
        a_row(topic, payload, traceparent="00-1-2-01") for payload in (bytes(range(256)), b"", b"\0", None)
    ]
    assert await bus.send(*rows) == 4
    assert await bus.records(topic, 4) == [Stored(b"key", row.payload, row.headers()) for row in rows]


async def test_what_does_not_fit_stays_for_the_next_batch(bus: Bus) -> None:
    topic = await bus.topic()
    rows = [a_row(topic, letter * 50_000) for letter in (b"a", b"b", b"c", b"d")]
    count = await bus.send(*rows)
    assert 1 <= count < 4
    assert [record.value for record in await bus.records(topic, count)] == [r.payload for r in rows[:count]]


async def test_a_row_larger_than_a_batch_travels_alone(bus: Bus) -> None:
    topic = await bus.topic()
    assert await bus.send(a_row(topic, b"x" * 900_000), a_row(topic, b"y")) == 1


async def test_a_refused_batch_leaves_nothing_and_the_partition_goes_on(bus: Bus) -> None:
    topic = await bus.topic(limit=2000)
    await bus.send(a_row(topic, b"before"))
    with pytest.raises(RefusedError, match="TooLarge"):
        await bus.send(a_row(topic, b"beside"), a_row(topic, b"x" * 5000))
    await bus.send(a_row(topic, b"after"), a_row(topic, b"more"))
    assert [record.value for record in await bus.records(topic, 3)] == [b"before", b"after", b"more"]


async def test_many_batches_keep_their_order(bus: Bus) -> None:
    topic = await bus.topic()
    for number in range(20):
        await bus.send(*(a_row(topic, b"%d.%d" % (number, place)) for place in range(5)))
    values = [record.value for record in await bus.records(topic, 100)]
    assert values == [b"%d.%d" % (number, place) for number in range(20) for place in range(5)]
