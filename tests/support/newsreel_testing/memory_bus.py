"""A bus in memory for one group: its topic, its dead letters, its replays.

`test_dlq_bus.py` holds it and the real Kafka to one contract.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from aiokafka import ConsumerRecord

from newsreel_events import Topic
from newsreel_runtime.consumer.dead_letter_producer import reason_headers
from newsreel_runtime.consumer.parked_records import Parked
from newsreel_runtime.dlq.dead_letters import DeadLetter, letter_of
from newsreel_testing.bus import Record

Headers = Sequence[tuple[str, bytes | None]]


class KilledError(BaseException):
    """The process died here. No `except Exception` may live on."""


@dataclass
class MemoryBus:
    """`dies` are the next deaths: before or after a dead letter is appended."""

    topic: Topic
    group: str
    dies: list[str] = field(default_factory=list)
    logs: dict[tuple[str, int], list[Record]] = field(default_factory=lambda: defaultdict(list))
    committed: dict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))

    def append(
        self, topic: str, partition: int, key: bytes | None, value: bytes | None, headers: Headers
    ) -> Record:
        """The record as it stands now."""
        log = self.logs[topic, partition]
        record: Record = ConsumerRecord(
            topic,
            partition,
            len(log),
            0,
            0,
            key,
            value,
            None,
            len(key or b""),
            len(value or b""),
            tuple(headers),
        )
        log.append(record)
        return record

    def fetch(self, limit: int) -> list[Record]:
        """The next records of the group, whose offsets are where it committed last."""
        found: list[Record] = []
        for here in (
            (name, p) for name in (self.topic.name, self.topic.replayed(self.group)) for p in (0, 1)
        ):
            found += self.logs[here][self.committed[here] :]
        return found[:limit]

    def commit(self, records: Sequence[Record]) -> None:
        """These need not come again."""
        for record in records:
            self.committed[record.topic, record.partition] = record.offset + 1

    async def park(self, parked: Parked) -> None:
        """Append to the dead letters; or die, before or after."""
        death = self.dies.pop() if self.dies else None
        if death == "before":
            raise KilledError
        record, place = parked.record, parked.place
        headers = [*record.headers, *reason_headers(parked, self.group)]
        self.append(self.topic.parked(self.group), place.partition, record.key, record.value, headers)
        if death == "after":
            raise KilledError

    async def close(self) -> None:
        """Nothing is open."""

    async def read(self, topic: Topic) -> list[DeadLetter]:
        """Each place once, in its order."""
        records = [log for p in (0, 1) for log in self.logs[topic.parked(self.group), p]]
        found = {letter.place: letter for record in records if (letter := letter_of(record)) is not None}
        return sorted(found.values(), key=lambda letter: letter.place)

    async def send(self, letter: DeadLetter, added: Sequence[tuple[str, bytes]]) -> None:
        """Append to the replays."""
        name = self.topic.replayed(self.group)
        self.append(name, letter.place.partition, letter.key, letter.value, [*letter.headers, *added])
