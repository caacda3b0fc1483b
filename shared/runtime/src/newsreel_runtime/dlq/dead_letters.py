"""Reading a dead letter topic: what came, byte for byte, apart from the reason that parking added."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aiokafka import AIOKafkaConsumer

from newsreel_events import Topic
from newsreel_runtime.consumer.dead_letter_producer import HEADERS, LEFT_OUT
from newsreel_runtime.consumer.parked_records import Waiting
from newsreel_runtime.consumer.record import Place, Record
from newsreel_runtime.kafka import connection_options
from newsreel_runtime.settings import Kafka

_TYPE = re.compile(rb"[a-z0-9.-]{1,128}")
_READ_MS = 500


@dataclass(frozen=True)
class DeadLetter:
    """One parked record. `headers` are those that it came with; `reason` is what parking says of it."""

    place: Place
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    reason: dict[str, str]
    failed_at: datetime
    attempts: int
    left_out: str = ""  # why the value is not here: too large (its size and hash), not sent yet, gone

    @property
    def type(self) -> str:
        """The event's type as its header says it; empty if there is none that could be one."""
        said = next((value for name, value in self.headers if name == "ce_type" and value), b"")
        return said.decode() if _TYPE.fullmatch(said) else ""

    @property
    def traceparent(self) -> str | None:
        """The trace context of the event's creation (W3C), if it has one."""
        said = next((value for name, value in self.headers if name == "traceparent" and value), None)
        return said.decode(errors="replace") if said else None


def letter_of(record: Record) -> DeadLetter | None:
    """The record apart from the reason; None for one that parking did not write."""
    headers, left_out = record.headers, b""
    if headers and headers[-1][0] == LEFT_OUT:
        headers, left_out = headers[:-1], headers[-1][1] or b""
    tail = headers[-len(HEADERS) :]
    if tuple(name for name, _ in tail) != HEADERS:
        return None
    reason = {name: (value or b"").decode(errors="replace") for name, value in tail}
    try:
        return DeadLetter(
            Place(
                reason["dlq_original_topic"],
                int(reason["dlq_original_partition"]),
                int(reason["dlq_original_offset"]),
            ),
            record.key,
            record.value,
            headers[: -len(HEADERS)],
            reason,
            datetime.fromisoformat(reason["dlq_failed_at"]),
            int(reason["dlq_attempts"]),
            left_out.decode(errors="replace"),
        )
    except ValueError:
        return None


def letter_of_row(row: Waiting) -> DeadLetter:
    """What the database alone knows of a parked record whose dead letter is not in the topic."""
    reason = {
        "dlq_exception_type": row.exception_type,
        "dlq_exception_message": row.exception_message,
    }
    missing = "its dead letter is gone" if row.sent else "its dead letter is not sent yet"
    return DeadLetter(row.place, row.key, None, (), reason, row.failed_at, row.attempts, missing)


async def read_letters(kafka: Kafka, topic: Topic, group: str) -> list[DeadLetter]:
    """All of `group`'s dead letters of `topic`, each place once, in its order. Raises `KafkaError`."""
    consumer = AIOKafkaConsumer(
        topic.parked(group), auto_offset_reset="earliest", **connection_options(kafka)
    )
    found: dict[Place, DeadLetter] = {}
    try:
        await consumer.start()
        ends = await consumer.end_offsets(consumer.assignment())
        left = {part for part, end in ends.items() if await consumer.position(part) < end}
        while left:
            for part, records in (await consumer.getmany(*left, timeout_ms=_READ_MS)).items():
                letters = [letter for record in records if (letter := letter_of(record)) is not None]
                found |= {letter.place: letter for letter in letters}
                if await consumer.position(part) >= ends[part]:
                    left.discard(part)
    finally:
        await consumer.stop()
    return sorted(found.values(), key=lambda letter: letter.place)
