"""The rows that the leading relay holds in memory: one lane per partition, each with one batch in flight.

Kafka appends a record batch whole or not at all, so the rows of one key in a batch keep their order, and the
next batch of the partition leaves only after the one before it was acknowledged.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Sequence
from itertools import islice
from typing import Any, Generic, Protocol, TypeVar

from aiokafka.errors import KafkaError

from newsreel_runtime.outbox import OutboxRow
from newsreel_runtime.publisher.refusals import Refusals
from newsreel_runtime.publisher.send_spans import send_span
from newsreel_runtime.publisher.watch import publish_lag

_ROWS = 2_000  # in memory at most
_READ = 500  # rows of one read
_BYTES = 16_000_000  # of payload in one read, estimated by the average of the last read
_BATCH_ROWS = 500

# What a sink raises when Kafka is away or the producer's state is lost; a timeout is an OSError.
FAILURES = (OSError, KafkaError)

B = TypeVar("B")


class RefusedError(Exception):
    """Kafka refuses these records, and would again: too large, or against its policy. Says why."""


class TopicRefusedError(Exception):
    """Kafka takes nothing for the topic: it does not exist, or a right is missing. That can be mended."""


class Sink(Protocol, Generic[B]):
    """Where batches go: Kafka."""

    def partition(self, topic: str, key: str) -> int | None:
        """The partition of `key`; None when the topic is not known yet: `look_up` first."""

    async def look_up(self, topic: str) -> None:
        """Learn the partitions of `topic`. Raises `TopicRefusedError` when Kafka says that it has none."""

    def pack(self, rows: Sequence[OutboxRow]) -> tuple[B, int]:
        """A batch of the first rows, and how many they are: at least one, as many as fit."""

    async def send(self, topic: str, partition: int, batch: B) -> None:
        """Return once all replicas in sync have the whole batch.

        Raises `RefusedError` or `TopicRefusedError` when nothing was appended; other errors leave that open.
        """

    async def close(self, *, abandon: bool) -> None:
        """The end; with `abandon`, nothing that is under way is tried again."""


class _Lane:
    def __init__(self, topic: str, partition: int) -> None:
        self.topic = topic
        self.partition = partition
        self.rows: deque[OutboxRow] = deque()
        self.single = 0  # rows still to be sent one by one, because a batch that contained them was refused
        self.in_flight = 0  # rows, the first ones of `rows`
        self.running = False


class Lanes(Generic[B]):
    """Queues rows by partition, sends them, and says which were acknowledged. Calls `wake` after each."""

    def __init__(self, sink: Sink[B], refusals: Refusals, wake: Callable[[], None]) -> None:
        self._sink = sink
        self._refusals = refusals
        self._wake = wake
        self._lanes: dict[tuple[str, int], _Lane] = {}
        self._unknown: dict[str, list[OutboxRow]] = {}
        self._refused_topics: set[str] = set()  # to be looked up again before anything is sent to them
        self._tasks: set[asyncio.Task[None]] = set()
        self._failure: BaseException | None = None
        self._acknowledged: list[OutboxRow] = []
        self._row_bytes = 1
        self.known: dict[int, float] = {}  # seq → when it was read, monotonic seconds

    @property
    def room(self) -> int:
        return max(0, min(_READ, _ROWS - len(self.known), _BYTES // self._row_bytes))

    def take_acknowledged(self) -> list[OutboxRow]:
        """What Kafka has since the last call; still in `known` until `forget`."""
        taken, self._acknowledged = self._acknowledged, []
        return taken

    def forget(self, rows: Iterable[OutboxRow]) -> None:
        """These rows are gone from the table, or are to be read again."""
        for row in rows:
            self.known.pop(row.seq, None)

    def accept(self, rows: Sequence[OutboxRow]) -> None:
        """Send these, which follow in the order of `seq` what was accepted before."""
        if rows:
            self._row_bytes = max(1, sum(len(row.payload or b"") for row in rows) // len(rows))
        now = time.monotonic()
        for row in rows:
            if self._refusals and self._refusals.blocks(row):
                continue
            self.known[row.seq] = now
            self._enqueue(row)

    def check(self) -> None:
        """Raise the first error of a lane, if any: the caller drops all lanes and starts over."""
        if self._failure is not None:
            raise self._failure

    async def finish(self, seconds: float) -> None:
        """Wait up to `seconds` for batches in flight; send nothing new."""
        self._failure = self._failure or asyncio.CancelledError()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        for task in self._tasks:
            task.cancel()

    def _enqueue(self, row: OutboxRow) -> None:
        partition = self._sink.partition(row.topic, row.key)
        if partition is None or row.topic in self._unknown or row.topic in self._refused_topics:
            if row.topic not in self._unknown:
                self._unknown[row.topic] = []
                self._begin(self._learn(row.topic))
            self._unknown[row.topic].append(row)
            return
        lane = self._lanes.get((row.topic, partition))
        if lane is None:
            lane = self._lanes[row.topic, partition] = _Lane(row.topic, partition)
        lane.rows.append(row)
        if not lane.running:
            lane.running = True
            self._begin(self._drain(lane))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failure = self._failure or error
        self._wake()

    async def _learn(self, topic: str) -> None:
        try:
            await self._sink.look_up(topic)
        except TopicRefusedError as error:
            self._refuse_topic(topic, str(error))
        else:
            self._refused_topics.discard(topic)
            for row in self._unknown.pop(topic):
                self._enqueue(row)

    async def _drain(self, lane: _Lane) -> None:
        try:
            while lane.rows and self._failure is None:
                await self._send(lane)
        finally:
            lane.running = False

    async def _send(self, lane: _Lane) -> None:
        batch, count = self._sink.pack(self._next(lane))
        rows = list(islice(lane.rows, count))
        lane.in_flight = len(rows)
        try:
            with send_span(lane.topic, lane.partition, rows):
                await self._sink.send(lane.topic, lane.partition, batch)
        except RefusedError as error:
            self._refused(lane, rows, str(error))
            return
        except TopicRefusedError as error:
            lane.in_flight = 0
            self._refuse_topic(lane.topic, str(error))
            return
        finally:
            lane.in_flight = 0
        now = time.monotonic()
        for row in rows:
            lane.rows.popleft()
            publish_lag.record(row.waited + now - self.known[row.seq])
            if self._refusals:
                self._refusals.sent(row)
        self._refusals.topic_takes(lane.topic)
        lane.single = max(0, lane.single - 1)
        self._acknowledged += rows
        self._wake()

    def _next(self, lane: _Lane) -> list[OutboxRow]:
        """The rows of the next batch: those before a row that was refused earlier, or that row alone."""
        if lane.single:
            return [lane.rows[0]]
        rows = list(islice(lane.rows, _BATCH_ROWS))
        if self._refusals:
            for place, row in enumerate(rows):
                if self._refusals.suspected(row):
                    return rows[: max(1, place)]
        return rows

    def _refused(self, lane: _Lane, rows: list[OutboxRow], reason: str) -> None:
        if len(rows) > 1:
            lane.single = len(rows)
            return
        (row,) = rows
        self._refusals.note(row, reason)
        lane.single = max(0, lane.single - 1)
        self.forget([later for later in lane.rows if later.key == row.key])
        lane.rows = deque(other for other in lane.rows if other.key != row.key)

    def _refuse_topic(self, topic: str, reason: str) -> None:
        """Give back all rows of the topic but those in flight: they are read again when its pause is over."""
        self._refusals.hold_topic(topic, reason)
        self._refused_topics.add(topic)
        self.forget(self._unknown.pop(topic, ()))
        for lane in self._lanes.values():
            if lane.topic == topic:
                kept = list(islice(lane.rows, lane.in_flight))
                self.forget(islice(lane.rows, lane.in_flight, None))
                lane.rows, lane.single = deque(kept), 0
