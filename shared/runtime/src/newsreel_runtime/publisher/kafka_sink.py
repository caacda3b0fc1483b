"""Where the relay sends record batches: an idempotent producer with one batch per partition in flight."""

import asyncio
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Self

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import (
    InvalidTimestampError,
    InvalidTopicError,
    KafkaConnectionError,
    MessageSizeTooLargeError,
    PolicyViolationError,
    RecordListTooLargeError,
    TopicAuthorizationFailedError,
    UnsupportedForMessageFormatError,
)
from aiokafka.partitioner import murmur2

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
    """Kafka's own hash of a key, as every client has it: the same key, the same partition."""
    return int(murmur2(key.encode()) & 0x7FFFFFFF)


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
        partitions = self._producer.client.cluster.partitions_for_topic(topic)
        return _hashed(key) % len(partitions) if partitions else None

    async def look_up(self, topic: str) -> None:
        """Learn the partitions of `topic`. Raises `TopicRefusedError` when Kafka says that it has none."""
        client = self._producer.client
        async with asyncio.timeout(_ANSWER):
            await client.add_topic(topic)
            if not await client.force_metadata_update():
                raise KafkaConnectionError("no broker answers")
        if topic in client.cluster.unauthorized_topics:
            raise TopicRefusedError("TopicAuthorizationFailedError")
        if not client.cluster.partitions_for_topic(topic):
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
                # The broker appended nothing and expects the same sequence numbers again; aiokafka counts on.
                sequences = self._producer._txn_manager  # noqa: SLF001 (aiokafka has no public way)
                sequences.increment_sequence_number(TopicPartition(topic, partition), -batch.record_count())
                refused = TopicRefusedError if isinstance(error, _OF_THE_TOPIC) else RefusedError
                raise refused(type(error).__qualname__) from error

    async def close(self, *, abandon: bool) -> None:
        """The end. With `abandon`, nothing is waited for, and nothing under way is tried again."""
        async with asyncio.timeout(5):
            if abandon:
                await self._cut_off()
            await self._producer.stop()

    async def _cut_off(self) -> None:
        """End aiokafka's sender without its retries; it has no public way."""
        producer = self._producer
        sender, client = producer._sender.sender_task, producer.client  # noqa: SLF001
        sender.cancel()
        await client.close()
        while not sender.done():
            update = client._md_update_fut  # noqa: SLF001 (nobody answers it any more)
            if update is not None and not update.done():
                update.set_result(False)
            await asyncio.wait({sender}, timeout=0.02)
        producer._message_accumulator.fail_all(KafkaConnectionError("abandoned"))  # noqa: SLF001
