"""What the broker itself answers a user: one request, one code a topic, no client's opinion between."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer
from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from newsreel_runtime.kafka import connection_options
from newsreel_runtime.settings import Kafka

_TAKEN = 0
_REFUSED = 29  # TOPIC_AUTHORIZATION_FAILED
_TIMEOUT_MS = 10_000
_MUCH = 1 << 20


@asynccontextmanager
async def _client(kafka: Kafka) -> AsyncIterator[AIOKafkaClient]:
    client = AIOKafkaClient(**connection_options(kafka))
    await client.bootstrap()
    try:
        yield client
    finally:
        await client.close()


async def readable(kafka: Kafka, topics: Iterable[str]) -> set[str]:
    """Those of `topics` that the broker lets this user fetch."""
    wanted = [(topic, [(0, 0, _MUCH)]) for topic in topics]
    async with _client(kafka) as client:
        answer = await client.send(client.get_random_node(), FetchRequest(0, 0, _MUCH, 0, wanted))
    return _allowed({topic: partitions[0][1] for topic, partitions in answer.topics})


async def writable(kafka: Kafka, topics: Iterable[str]) -> set[str]:
    """Those of `topics` that take a record from this user: one is left on each."""
    wanted = [(topic, [(0, _one_record())]) for topic in topics]
    async with _client(kafka) as client:
        answer = await client.send(client.get_random_node(), ProduceRequest(None, -1, _TIMEOUT_MS, wanted))
    return _allowed({topic: partitions[0][1] for topic, partitions in answer.topics})


async def visible(kafka: Kafka) -> set[str]:
    """The topics that the broker names when this user asks for all."""
    async with AIOKafkaConsumer(**connection_options(kafka)) as consumer:
        found: set[str] = await consumer.topics()
    return found


def _allowed(codes: dict[str, int]) -> set[str]:
    assert set(codes.values()) <= {_TAKEN, _REFUSED}, codes
    return {topic for topic, code in codes.items() if code == _TAKEN}


def _one_record() -> bytes:
    builder = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, 0, _MUCH)
    builder.append(0, None, b"key", b"value", [])
    return bytes(builder.build())
