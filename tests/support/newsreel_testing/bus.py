"""Reading and writing real topics as a stranger would."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from newsreel_events import Envelope, EventData, TraceContext
from newsreel_events.topics import TOPICS
from newsreel_runtime.clock import now
from newsreel_runtime.ids import new_id
from newsreel_runtime.kafka import connection_options
from newsreel_runtime.settings import Kafka

Record: TypeAlias = ConsumerRecord[Any, Any]


@asynccontextmanager
async def foreign_producer(settings: Kafka) -> AsyncIterator[AIOKafkaProducer]:
    """A producer that is not ours."""
    producer = AIOKafkaProducer(**connection_options(settings))
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


def an_envelope(event: EventData, trace: TraceContext | None = None) -> Envelope:
    """The envelope that the runtime would give to `event` now."""
    return Envelope.of(event, event_id=new_id(), time=now(), trace=trace or TraceContext())


async def send(producer: AIOKafkaProducer, event: EventData, envelope: Envelope | None = None) -> Envelope:
    """Put one event on its topic."""
    envelope = envelope or an_envelope(event)
    await producer.send_and_wait(
        event.topic, event.model_dump_json().encode(), key=event.key.encode(), headers=envelope.headers()
    )
    return envelope


@asynccontextmanager
async def reading(settings: Kafka, topics: Sequence[str]) -> AsyncIterator["Reader"]:
    """A reader that starts at the present end of `topics`."""
    parts = await partitions(settings, topics)
    consumer = AIOKafkaConsumer(**connection_options(settings))
    await consumer.start()
    try:
        consumer.assign(parts)
        await consumer.seek_to_end(*parts)
        for part in parts:
            await consumer.position(part)
        yield Reader(consumer)
    finally:
        await consumer.stop()


async def partitions(settings: Kafka, topics: Sequence[str]) -> list[TopicPartition]:
    """All that these topics have."""
    admin = AIOKafkaAdminClient(**connection_options(settings))
    await admin.start()
    try:
        found = await admin.describe_topics(list(topics))
    finally:
        await admin.close()
    return [
        TopicPartition(topic["topic"], part["partition"]) for topic in found for part in topic["partitions"]
    ]


class Reader:
    """What has arrived since it began, in the order of arrival."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer
        self.records: list[Record] = []

    async def poll(self) -> list[Record]:
        """Everything so far."""
        fetched = await self._consumer.getmany(timeout_ms=100)
        self.records += [record for records in fetched.values() for record in records]
        return self.records

    async def of_key(self, key: str) -> Record | None:
        """The first record of that key; for `until`, on topics that others write to as well."""
        return next((record for record in await self.poll() if record.key == key.encode()), None)

    async def at_least(self, count: int) -> list[Record] | None:
        """Everything so far once there are `count`; for `until`."""
        records = await self.poll()
        return records if len(records) >= count else None


async def make_topics(settings: Kafka) -> None:
    """Every topic of the table, and where its consumers park and replay."""
    admin = AIOKafkaAdminClient(**connection_options(settings))
    await admin.start()
    try:
        beside = [
            NewTopic(name, 3, 1, topic_configs=topic.parked_config)
            for topic in TOPICS
            for consumer in topic.consumers
            for name in (topic.parked(consumer), topic.replayed(consumer))
        ]
        await admin.create_topics(
            [*(NewTopic(topic.name, 3, 1, topic_configs=dict(topic.config)) for topic in TOPICS), *beside]
        )
    finally:
        await admin.close()
