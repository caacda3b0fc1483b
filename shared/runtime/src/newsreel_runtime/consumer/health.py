"""What a consumer knows of itself: loop, polls, progress and lag. It never asks broker or database."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from newsreel_runtime.consumer.record import Record

_POLL = 60.0  # seconds; the loop polls each second or two, whether Kafka answers or not
_STUCK = 300.0  # seconds without progress in a partition that has records waiting
_TURN = 1.0  # seconds between two looks at the event loop's punctuality
Partition = tuple[str, int]


@dataclass
class Progress:
    """One partition: the next offset to handle, since when, and when the record before it was made (ms)."""

    offset: int
    moved_at: float
    timestamp: int


class ConsumerHealth:
    """Fed by the subscription and by consuming. Times are seconds of `clock`, which is monotonic."""

    def __init__(self, handler_limit: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._limit = handler_limit
        # None while starting or committing; both can block for as long as Kafka is down, so they do not count
        # against liveness.
        self._polled_at: float | None = None
        self._busy_since: float | None = None
        self.late = 0.0
        self.ends: Callable[[], Mapping[Partition, int]] = dict
        self.progress: dict[Partition, Progress] = {}

    async def watch_loop(self, stopping: asyncio.Event) -> None:
        """Measure by how much the event loop is late, until `stopping`."""
        while not stopping.is_set():
            due = self._clock() + _TURN
            try:
                async with asyncio.timeout(_TURN):
                    await stopping.wait()
            except TimeoutError:
                self.late = max(0.0, self._clock() - due)

    def polled(self) -> None:
        """The fetch loop looked for records, or was told of an error: no batch is at hand."""
        self._polled_at = self._clock()
        self._busy_since = None

    def begins(self) -> None:
        """It waits for the group, or for a commit: both may take as long as Kafka is away."""
        self._polled_at = self._busy_since = None

    def began(self, records: Sequence[Record]) -> None:
        """A batch is at hand."""
        self._busy_since = self._clock()
        for record in records:
            here = (record.topic, record.partition)
            if here not in self.progress or record.offset < self.progress[here].offset:
                self.progress[here] = Progress(record.offset, self._clock(), record.timestamp)

    def working(self) -> None:
        """It is not stuck: a record ended, or it waits for a reason that is known."""
        if self._busy_since is not None:
            self._busy_since = self._clock()

    def ended(self, records: Sequence[Record]) -> None:
        """The batch is done; `records` are those whose offsets may be committed."""
        self.begins()
        for record in records:
            moved = Progress(record.offset + 1, self._clock(), record.timestamp)
            self.progress[(record.topic, record.partition)] = moved

    def moved(self, here: Partition, offset: int) -> None:
        """The fetch position, which passes what is no record: markers of transactions, gaps of compaction."""
        known = self.progress.get(here)
        if known is not None and offset > known.offset:
            self.progress[here] = Progress(offset, self._clock(), known.timestamp)

    def assigned(self) -> None:
        """Partitions were assigned again: what is known of them may be out of date."""
        self.progress.clear()

    def waiting(self) -> Mapping[Partition, int]:
        """Records that wait, by partition that this consumer has and has read from."""
        ends = self.ends()
        return {
            here: ends[here] - self.progress[here].offset
            for here in ends
            if here in self.progress and ends[here] > self.progress[here].offset
        }

    def lag_seconds(self, at: float) -> Mapping[Partition, float]:
        """The age of the oldest record that waits, at most; `at` is Unix time. 0 where none waits."""
        waiting = self.waiting()
        return {
            here: max(0.0, at - self.progress[here].timestamp / 1000) if here in waiting else 0.0
            for here in self.ends()
            if here in self.progress
        }

    def why_not_alive(self) -> str | None:
        """What only a restart mends, or nothing. An absent broker or database is no such thing."""
        at = self._clock()
        if self._busy_since is not None:
            if at - self._busy_since > self._limit + _POLL:
                return f"a batch has made no progress for {at - self._busy_since:.0f} s"
            return None
        if self._polled_at is None:
            return None
        if at - self._polled_at > _POLL:
            return f"the fetch loop has not polled for {at - self._polled_at:.0f} s"
        for topic, partition in self.waiting():
            still = at - self.progress[(topic, partition)].moved_at
            if still > _STUCK:
                return f"{topic}-{partition} has records waiting and made no progress for {still:.0f} s"
        return None
