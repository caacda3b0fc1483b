"""A record as it came, where it first stood, and the event that was read from it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeAlias

from aiokafka import ConsumerRecord

from newsreel_events import Envelope, EventData

Record: TypeAlias = ConsumerRecord[Any, Any]


class Place(NamedTuple):
    """Where a record first stood. A record that is replayed keeps its place."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}-{self.partition}@{self.offset}"


@dataclass(frozen=True)
class Job:
    """A record to be handled. `event` is None for a tombstone."""

    record: Record
    place: Place
    replayed: bool
    envelope: Envelope
    event: EventData | None


def last_header(record: Record, name: str) -> str | None:
    """The last header of that name, which is ours where a foreign client sent one too."""
    for key, value in reversed(record.headers):
        if key == name and value is not None:
            return str(value.decode(errors="replace"))
    return None


def moment_of(record: Record) -> str:
    """A record's time as its producer wrote it, which may be any number; that of the original if replayed."""
    if original := last_header(record, "replay_original_timestamp"):
        return original
    try:
        return datetime.fromtimestamp(record.timestamp / 1000, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return f"{record.timestamp} ms"


def place_of(record: Record, replay_topics: dict[str, str]) -> tuple[Place, bool]:
    """The record's place, and whether it is a replayed one. Raises `ValueError` if it does not say."""
    topic = replay_topics.get(record.topic)
    if topic is None:
        return Place(record.topic, record.partition, record.offset), False
    partition, offset = (last_header(record, f"replay_original_{name}") for name in ("partition", "offset"))
    if partition is None or offset is None:
        raise ValueError("a record on a replay topic does not say where it first stood")
    place = Place(topic, int(partition), int(offset))
    if not (0 <= place.partition < 2**31 and 0 <= place.offset < 2**63):
        raise ValueError("a record on a replay topic names a place that Kafka does not have")
    return place, True
