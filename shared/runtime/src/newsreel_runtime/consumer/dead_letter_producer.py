"""A record that cannot be processed goes to the dead letter topic, byte for byte, with the reason.

This module, replay and the relay are where a producer lives; records leave here raw, so that nothing
re-encodes them.
"""

from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Protocol

from newsreel_events.topics import TOPICS
from newsreel_runtime.clock import now
from newsreel_runtime.consumer.failure import describe
from newsreel_runtime.consumer.parked_records import Parked
from newsreel_runtime.consumer.record import Record
from newsreel_runtime.producer import Producer, started_producer
from newsreel_runtime.settings import Kafka

_TOPICS = {topic.name: topic for topic in TOPICS}
_LIMIT = 1_114_112  # bytes: the largest record that Kafka takes, and the reason beside it
HEADERS = (
    "dlq_original_topic",
    "dlq_original_partition",
    "dlq_original_offset",
    "dlq_original_timestamp",
    "dlq_consumer_group",
    "dlq_exception_type",
    "dlq_exception_message",
    "dlq_attempts",
    "dlq_failed_at",
    "dlq_service_version",
    "dlq_trace_id",
)


def _version(group: str) -> str:
    try:
        return version(f"newsreel-{group}")
    except PackageNotFoundError:
        return version("newsreel-runtime")


def _trace_id(record: Record) -> str:
    """The trace of the event, which the failed attempt is part of (W3C Trace Context §3.2.2)."""
    for name, value in record.headers:
        if name == "traceparent" and value is not None and value.count(b"-") >= 3:
            return str(value.split(b"-")[1].decode(errors="replace"))[:32]
    return ""


def reason_headers(parked: Parked, group: str) -> list[tuple[str, bytes]]:
    """`HEADERS`, in this order; they follow those of the record. No stack trace, none of its content."""
    record, place = parked.record, parked.place
    values = (
        place.topic,
        str(place.partition),
        str(place.offset),
        datetime.fromtimestamp(record.timestamp / 1000, UTC).isoformat(),
        group,
        type(parked.error).__qualname__,
        describe(parked.error),
        str(parked.attempts),
        now().isoformat(),
        _version(group),
        _trace_id(record),
    )
    return [(name, value.encode()) for name, value in zip(HEADERS, values, strict=True)]


class DeadLetterSink(Protocol):
    """Where parked records go."""

    async def park(self, parked: Parked) -> None:
        """Returns when the dead letter topic has it."""

    async def close(self) -> None:
        """Let go of what was opened."""


class DeadLetterProducer:
    """The way out for records of one consumer group. Opens its producer at the first use."""

    def __init__(self, kafka: Kafka, group: str) -> None:
        self._kafka = kafka
        self._group = group
        self._producer: Producer | None = None

    async def park(self, parked: Parked) -> None:
        """Send the record to `<topic>.<group>.dlq` and wait for the acknowledgement.

        Raises `aiokafka.errors.KafkaError` when Kafka does not take it; the next call begins anew.
        """
        record, place = parked.record, parked.place
        if self._producer is None:
            self._producer = await started_producer(
                self._kafka, f"{self._group}-parking", max_request_size=_LIMIT
            )
        try:
            await self._producer.send_and_wait(
                _TOPICS[place.topic].parked(self._group),
                record.value,
                key=record.key,
                partition=place.partition,
                headers=[*record.headers, *reason_headers(parked, self._group)],
            )
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Close the producer, if it was ever opened."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.stop()
