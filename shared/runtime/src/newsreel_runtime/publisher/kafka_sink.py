"""Where the relay sends record batches: an idempotent producer with one batch per partition in flight."""

import asyncio
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Self

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import (
    InvalidTimestampError,
    InvalidTopicError,
    MessageSizeTooLargeError,
    PolicyViolationError,
    RecordListTooLargeError,
    TopicAuthorizationFailedError,
    UnsupportedForMessageFormatError,
)

from newsreel_runtime import aiokafka_internals as internals
from newsreel_runtime.outbox import OutboxRow
from newsreel_runtime.producer import started_producer
from newsreel_runtime.publisher.lanes import RefusedError, TopicRefusedError
from newsreel_runtime.settings import Kafka

_BATCH_BYTES = 131_072
_ANSWER = 30.0  # seconds for an acknowledgement or for metadata, retries included
_OF_THE_TOPIC = (InvalidTopicError, TopicAuthorizationFailedError, UnsupportedForMessageFormatError)
_OF_THE_RECORDS = (
    InvalidTimestampError,
    MessageSizeTooLargeError,
    PolicyViolationError,
    RecordListTooLargeError,
)


@lru_cache(maxsize=8192)
def _hashed(key: str) -> int:
    return internals.hashed(key.encode())


class KafkaSink:
    """Sends record batches that are packed here; the caller has one a partition under way at most."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer

    @classmethod
    async def open(cls, settings: Kafka, client_id: str) -> Self:
        """Raises `aiokafka.errors.KafkaError` when Kafka is away."""
        return cls(await started_producer(settings, client_id, max_batch_size=_BATCH_BYTES))

    def partition(self, topic: str, key: str) -> int | None:
        """Where `key` belongs; None when the topic is not known yet."""
        partitions = internals.partitions_of(self._producer, topic)
        return _hashed(key) % len(partitions) if partitions else None

    async def look_up(self, topic: str) -> None:
        """Learn the partitions of `topic`. Raises `TopicRefusedError` when Kafka says that it has none."""
        async with asyncio.timeout(_ANSWER):
            refused = await internals.look_up(self._producer, topic)
        if refused:
            raise TopicRefusedError("TopicAuthorizationFailedError")
        if not internals.partitions_of(self._producer, topic):
            raise TopicRefusedError("UnknownTopicOrPartitionError")

    def pack(self, rows: Sequence[OutboxRow]) -> tuple[Any, int]:
        """A batch of the first rows, and how many fit; a row larger than a batch travels alone."""
        batch, count = self._producer.create_batch(), 0
        for row in rows:
            appended = batch.append(
                timestamp=None, key=row.key.encode(), value=row.payload, headers=row.headers()
            )
            if appended is None:
                break
            count += 1
        batch.close()
        return batch, count

    async def send(self, topic: str, partition: int, batch: Any) -> None:
        """Return once it is acknowledged. Raises as `Sink.send` says."""
        async with asyncio.timeout(_ANSWER):
            acknowledged = await self._producer.send_batch(batch, topic, partition=partition)
            try:
                await acknowledged
            except (*_OF_THE_TOPIC, *_OF_THE_RECORDS) as error:
                part = TopicPartition(topic, partition)
                internals.take_back_sequences(self._producer, part, batch.record_count())
                refused = TopicRefusedError if isinstance(error, _OF_THE_TOPIC) else RefusedError
                raise refused(type(error).__qualname__) from error

    async def close(self, *, abandon: bool) -> None:
        """The end. With `abandon`, nothing is waited for, and nothing under way is tried again."""
        async with asyncio.timeout(5):
            if abandon:
                await internals.cut_off(self._producer)
            await self._producer.stop()
