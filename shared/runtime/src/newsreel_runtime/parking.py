"""Parking: a record that cannot be processed goes to the dead letter topic, byte for byte, with the reason.

This module and the relay are where a producer lives; records leave here raw, so that nothing re-encodes them.
"""

from datetime import UTC, datetime
from typing import Any

from aiokafka import ConsumerRecord

from newsreel_events.topics import TOPICS
from newsreel_runtime.clock import now
from newsreel_runtime.producer import Producer, started_producer
from newsreel_runtime.settings import Kafka

_TOPICS = {topic.name: topic for topic in TOPICS}


class Parking:
    """The way out for records of one consumer group. Opens its producer at the first use."""

    def __init__(self, kafka: Kafka, group: str) -> None:
        self._kafka = kafka
        self._group = group
        self._producer: Producer | None = None

    async def park(self, record: "ConsumerRecord[Any, Any]", error: BaseException, attempts: int) -> None:
        """Send the record to `<topic>.<group>.dlq` and wait for the acknowledgement.

        Adds headers that say where it came from and why; the reason is the kind of the error, never a stack
        trace, and never the content. Raises `aiokafka.errors.KafkaError` when Kafka does not take it.
        """
        producer = await self._open()
        reason = str(error) if isinstance(error, ValueError) else ""
        added = {
            "dlq_original_topic": record.topic,
            "dlq_original_partition": str(record.partition),
            "dlq_original_offset": str(record.offset),
            "dlq_original_timestamp": datetime.fromtimestamp(record.timestamp / 1000, UTC).isoformat(),
            "dlq_consumer_group": self._group,
            "dlq_exception_type": type(error).__qualname__,
            "dlq_exception_message": reason[:1024],
            "dlq_attempts": str(attempts),
            "dlq_failed_at": now().isoformat(),
        }
        await producer.send_and_wait(
            _TOPICS[record.topic].parked(self._group),
            record.value,
            key=record.key,
            partition=record.partition,
            headers=[*record.headers, *((name, value.encode()) for name, value in added.items())],
        )

    async def _open(self) -> Producer:
        if self._producer is None:
            self._producer = await started_producer(self._kafka, f"{self._group}-parking")
        return self._producer

    async def close(self) -> None:
        """Close the producer, if it was ever opened."""
        if self._producer is not None:
            await self._producer.stop()
            self._producer = None
