"""A Kafka in memory, for what a real one cannot be told to do.

`test_relay_sink.py` holds both to one contract.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from aiokafka.errors import KafkaConnectionError, OutOfOrderSequenceNumber

from newsreel_runtime.outbox import OutboxRow
from newsreel_runtime.publisher.lanes import RefusedError, TopicRefusedError
from newsreel_runtime.settings import Kafka

_BATCH_BYTES = 131_072


@dataclass(frozen=True)
class Stored:
    """One record as a consumer gets it."""

    key: bytes
    value: bytes | None
    headers: list[tuple[str, bytes]]


@dataclass
class MemoryKafka:
    """Topics and their logs. `topics` is partitions by name, `limits` the largest batch in bytes by name."""

    topics: dict[str, int] = field(default_factory=dict)
    limits: dict[str, int] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)  # keys whose records it will not take
    away: bool = False
    lost_acks: int = 0  # so many of the next batches are appended, and the producer never knows
    fatal: int = 0  # so many of the next batches are not appended, and their producer is of no more use
    opened: int = 0
    refusals: int = 0  # batches that it did not take
    logs: dict[tuple[str, int], list[Stored]] = field(default_factory=lambda: defaultdict(list))

    async def open(self, _settings: Kafka, _client_id: str) -> "MemorySink":
        """A producer. Raises when Kafka is away."""
        if self.away:
            raise KafkaConnectionError
        self.opened += 1
        return MemorySink(self)

    def values(self, topic: str, key: str) -> list[bytes]:
        """The values of a key, in the order of their partition."""
        logs = [log for (name, _), log in self.logs.items() if name == topic]
        return [
            record.value
            for log in logs
            for record in log
            if record.key == key.encode() and record.value is not None
        ]


class MemorySink:
    """What the relay has in hand of it."""

    def __init__(self, kafka: MemoryKafka) -> None:
        self._kafka = kafka
        self._known: dict[str, int] = {}
        self._broken = False

    def partition(self, topic: str, key: str) -> int | None:
        """Any function of the key."""
        return sum(key.encode()) % self._known[topic] if topic in self._known else None

    async def look_up(self, topic: str) -> None:
        """As Kafka's metadata would say."""
        if self._kafka.away:
            raise KafkaConnectionError
        if topic not in self._kafka.topics:
            raise TopicRefusedError("UnknownTopicOrPartitionError")
        self._known[topic] = self._kafka.topics[topic]

    def pack(self, rows: Sequence[OutboxRow]) -> tuple[list[Stored], int]:
        """What fits, at least one."""
        batch: list[Stored] = []
        size = 0
        for row in rows:
            size += len(row.payload or b"")
            if batch and size > _BATCH_BYTES:
                break
            batch.append(Stored(row.key.encode(), row.payload, row.headers()))
        return batch, len(batch)

    async def send(self, topic: str, partition: int, batch: list[Stored]) -> None:
        """Append the batch whole, or not at all."""
        if self._kafka.away or self._broken:
            raise KafkaConnectionError
        if topic not in self._kafka.topics:
            raise TopicRefusedError("UnknownTopicOrPartitionError")
        if self._kafka.fatal:
            self._kafka.fatal -= 1
            self._broken = True
            raise OutOfOrderSequenceNumber
        if sum(len(record.value or b"") for record in batch) > self._kafka.limits.get(topic, 1_000_000):
            self._kafka.refusals += 1
            raise RefusedError("MessageSizeTooLargeError")
        if any(record.key.decode() in self._kafka.refused for record in batch):
            self._kafka.refusals += 1
            raise RefusedError("PolicyViolationError")
        self._kafka.logs[topic, partition] += batch
        if self._kafka.lost_acks:
            self._kafka.lost_acks -= 1
            raise TimeoutError

    async def close(self, *, abandon: bool) -> None:
        """Nothing is under way here."""
