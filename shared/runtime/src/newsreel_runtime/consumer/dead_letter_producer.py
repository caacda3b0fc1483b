"""A record that cannot be processed goes to the dead letter topic, byte for byte, with the reason.

This module, replay and the relay are where a producer lives; records leave here raw, so that nothing
re-encodes them.
"""

import hashlib
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Protocol, TypeAlias

from aiokafka.errors import MessageSizeTooLargeError

from newsreel_events.topics import TOPICS
from newsreel_runtime.clock import now
from newsreel_runtime.consumer.failure import describe
from newsreel_runtime.consumer.parked_records import Parked, stored_key
from newsreel_runtime.consumer.record import Record, moment_of
from newsreel_runtime.producer import Producer, started_producer
from newsreel_runtime.settings import Kafka

Header: TypeAlias = tuple[str, bytes | None]
_TOPICS = {topic.name: topic for topic in TOPICS}
LIMIT = 16 * 1024 * 1024  # bytes of a record before compression
_HEADER_LIMIT = 1024  # bytes of a header that a record without its value keeps
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
LEFT_OUT = "dlq_left_out"  # behind them, on a record that the dead letter topic does not take whole


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
        moment_of(record),
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
    """Sends the parked records of one consumer group. Starts its producer at the first use."""

    def __init__(self, kafka: Kafka, group: str) -> None:
        self._kafka = kafka
        self._group = group
        self._producer: Producer | None = None

    async def park(self, parked: Parked) -> None:
        """Send the record to `<topic>.<group>.dlq` and wait for the acknowledgement.

        A record that is too large for it goes without its value, whose size and SHA-256 go instead; the
        original stays in its own topic. Raises `aiokafka.errors.KafkaError` when Kafka takes nothing.
        """
        record = parked.record
        reason = reason_headers(parked, self._group)
        try:
            try:
                await self._send(parked, record.key, record.value, [*record.headers, *reason])
            except MessageSizeTooLargeError:
                await self.close()  # its sequence numbers are one ahead of what the broker has
                await self._send(
                    parked, stored_key(record.key), None, [*_kept(record), *reason, _left_out(record)]
                )
        except BaseException:
            await self.close()
            raise

    async def _send(
        self, parked: Parked, key: bytes | None, value: bytes | None, headers: Sequence[Header]
    ) -> None:
        if self._producer is None:
            self._producer = await started_producer(
                self._kafka, f"{self._group}-parking", max_request_size=LIMIT, compression_type="gzip"
            )
        topic = _TOPICS[parked.place.topic].parked(self._group)
        partition = await nearest_partition(self._producer, topic, parked.place.partition)
        await self._producer.send_and_wait(topic, value, key=key, partition=partition, headers=headers)

    async def close(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.stop()


async def nearest_partition(producer: Producer, topic: str, partition: int) -> int:
    """The partition of that number; of a topic that has fewer, always the same other one."""
    there = sorted(await producer.partitions_for(topic))
    return partition if partition in there else there[partition % len(there)]


def _kept(record: Record) -> list[Header]:
    """The headers of CloudEvents and of the trace, which say what it was, unless they are the large ones."""
    return [
        (name, value)
        for name, value in record.headers
        if (name.startswith("ce_") or name == "traceparent")
        and len(name) + len(value or b"") <= _HEADER_LIMIT
    ][:32]


def _left_out(record: Record) -> Header:
    value = record.value or b""
    return LEFT_OUT, f"{len(value)} bytes, sha256 {hashlib.sha256(value).hexdigest()}".encode()
