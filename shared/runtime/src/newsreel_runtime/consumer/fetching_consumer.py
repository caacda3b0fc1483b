"""The Kafka consumer below FastStream: waits inside the fetch, outlives its errors, knows what it may read.

FastStream's loop sleeps for 5 s after each error of a fetch, and aiokafka keeps one error per partition: a
refused topic of three partitions would answer 15 s after its right was granted. So no error leaves `getmany`.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import (
    ConsumerStoppedError,
    GroupAuthorizationFailedError,
    KafkaError,
    OffsetOutOfRangeError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
    for_code,
)

from newsreel_runtime import aiokafka_internals as internals
from newsreel_runtime.consumer import metrics
from newsreel_runtime.consumer.commit_span import Batch, commit_span
from newsreel_runtime.consumer.health import ConsumerHealth

_log = logging.getLogger(__name__)
_WAIT = 1.0  # seconds that a fetch waits for records
_PAUSES = (0.1, 0.2, 0.5, 1.0)  # seconds after fetches that fail in a row
_FAILING = 5.0  # seconds: a partition whose leader moves is read again by then
_SETTLING = 0.05  # seconds between two fetches until each partition's position is known
_REJOIN = 5.0  # seconds between two looks for the committed offsets of a topic that is not there

OnPoll = Callable[[Sequence[Exception]], None]
Fetched = dict[TopicPartition, list[ConsumerRecord[Any, Any]]]


def refused_topics(error: Exception) -> frozenset[str]:
    """The topics that this error says are not to be read; aiokafka names one, or a set."""
    if not isinstance(error, TopicAuthorizationFailedError):
        return frozenset()
    named = [[names] if isinstance(names, str) else names for names in error.args]
    return frozenset(str(topic) for names in named for topic in names)


class FetchingConsumer(AIOKafkaConsumer):  # type: ignore[misc]  # aiokafka has no type hints
    """Calls `on_poll` after each fetch with the errors that it met, if any."""

    def __init__(self, on_poll: OnPoll, health: ConsumerHealth, **options: Any) -> None:
        self._assignor = internals.MarkedAssignor()
        super().__init__(**options | {"partition_assignment_strategy": (self._assignor,)})
        internals.look_at_answers(self, self._look)
        self._on_poll = on_poll
        self._health = health
        self._failures = 0
        self._batch: Batch = {}
        self._refused: dict[TopicPartition, int | None] = {}  # partition → time of its last good fetch
        self._errors: dict[TopicPartition, tuple[int, float]] = {}  # what Kafka answers, and since when
        self._out_of_range: dict[TopicPartition, int] = {}  # partition → the offset that Kafka does not have
        self._raised: tuple[str, float] = ("", -_FAILING)  # what a fetch raised last, and when
        self._rejoined_at = -_REJOIN
        self._lost_track = False  # of the positions; those that were committed hold

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int = 0, max_records: int | None = None
    ) -> Fetched:
        """Records, or none after a wait; never an error, but a pause after one."""
        fetched, errors = await self._fetch(max_records)
        self._note_refusals(errors)
        self._note_jumps(fetched)
        self._on_poll(errors)
        self._failures = self._failures + 1 if errors and not fetched else 0
        if self._failures:
            await asyncio.sleep(_PAUSES[min(self._failures, len(_PAUSES)) - 1])
        elif not fetched:
            await self._look_where_it_stands()
        self._batch = fetched
        return fetched

    async def _fetch(self, max_records: int | None) -> tuple[Fetched, list[Exception]]:
        """One fetch, and all errors that are kept: each would cost a pause of its own."""
        errors: list[Exception] = []
        if self._lost_track:
            await asyncio.sleep(_WAIT)
            return {}, errors
        for _ in range(2 + len(self.assignment())):
            before = internals.positions(self)
            settled = bool(before) and before.keys() == self.assignment()
            wait = _WAIT if settled and not errors else 0.0
            try:
                async with asyncio.timeout(wait + _WAIT):  # it waits for the group as long as Kafka is away
                    fetched = await super().getmany(timeout_ms=int(wait * 1000), max_records=max_records)
            except TimeoutError:
                break
            except ConsumerStoppedError:
                raise
            except Exception as error:  # noqa: BLE001 (of any kind: FastStream would begin again without a pause)
                errors.append(error)
                self._rewind(before)
                if not isinstance(error, TopicAuthorizationFailedError | GroupAuthorizationFailedError):
                    self._raised = (type(error).__qualname__, time.monotonic())
            else:
                if not (settled or fetched or errors):
                    await asyncio.sleep(_SETTLING)
                return fetched, errors
        return {}, errors

    def _rewind(self, before: Mapping[TopicPartition, int]) -> None:
        """Read again what a fetch had in hand when it failed.

        A batch that cannot be unpacked costs aiokafka the records of other partitions: it has counted them as
        read (aio-libs/aiokafka#321 is about such batches).
        """
        for part, after in internals.positions(self).items():
            if part not in before:
                self._lost_track = True
            elif before[part] != after:
                self.seek(part, before[part])

    async def commit(self, offsets: dict[TopicPartition, int] | None = None) -> None:
        """As aiokafka's, but it is heard of when it fails: FastStream goes on in silence.

        Nothing is lost: the next commit covers what this one did not, or the records come again.
        """
        try:
            with commit_span(internals.group_of(self), self._batch):
                await super().commit(offsets)
        except KafkaError as error:
            _log.warning("offsets were not committed: %s", type(error).__qualname__)
            raise

    def _look(self, request: Any, response: Any) -> Any:
        for part, code in internals.fetch_codes(request, internals.checked(response)):
            self._answered(part, code)
        return response

    def _answered(self, part: TopicPartition, code: int) -> None:
        """Kafka answered a fetch of a partition."""
        if not code:
            self._errors.pop(part, None)
            return
        at = time.monotonic()
        self._errors[part] = (code, self._errors.get(part, (code, at))[1])
        if code == OffsetOutOfRangeError.errno:
            if part in (known := internals.positions(self)):
                self._out_of_range[part] = known[part]
        elif code == UnknownTopicOrPartitionError.errno and at - self._rejoined_at >= _REJOIN:
            # Perhaps it is deleted, and made anew before anybody looks: its offsets begin again at 0, and
            # Kafka has dropped those that were committed.
            self._rejoined_at = at
            internals.rejoin(self)

    def _note_jumps(self, fetched: Fetched) -> None:
        known = internals.positions(self)
        for part, before in list(self._out_of_range.items()):
            after = fetched[part][0].offset if part in fetched else known.get(part)
            if part in self.assignment() and after is None:
                continue  # the first offset is still asked for
            del self._out_of_range[part]
            if after is None or after == before:
                continue
            place = f"{part.topic}-{part.partition}"
            if after < before:
                _log.error("%s is read from %d again: it has no offset %d any more", place, after, before)
                continue
            named = metrics.named(internals.group_of(self), part.topic, "poll")
            metrics.deleted.add(after - before, named)
            _log.error(
                "%s: %d records were deleted before they were read, from offset %d on",
                place,
                after - before,
                before,
            )

    def _note_refusals(self, errors: Sequence[Exception]) -> None:
        names = {name for error in errors for name in refused_topics(error)}
        assigned = self.assignment()
        for part in assigned:
            if part.topic in names:
                self._refused.setdefault(part, self.last_poll_timestamp(part))
        for part, before in list(self._refused.items()):
            if part not in assigned or self.last_poll_timestamp(part) not in {None, before}:
                del self._refused[part]

    @property
    def refused(self) -> frozenset[str]:
        """The topics whose last fetch was refused."""
        return frozenset(part.topic for part in self._refused)

    @property
    def failing(self) -> str | None:
        """What keeps records from being read although Kafka answers, or nothing."""
        at, (raised, raised_at) = time.monotonic(), self._raised
        if at - raised_at < _FAILING:
            return raised
        kinds = {
            f"{part.topic}-{part.partition} {for_code(code).__name__}"
            for part, (code, since) in self._errors.items()
            if at - since >= _FAILING and part in self.assignment()
        }
        return ", ".join(sorted(kinds)) or None

    @property
    def fetches(self) -> bool:
        """Whether each assigned partition has answered a fetch without an error since it was assigned."""
        return all(self.highwater(part) is not None for part in self.assignment())

    @property
    def broken(self) -> bool:
        """Whether only a new consumer goes on."""
        return self._lost_track or internals.broken(self)

    async def unassigned(self, topics: Sequence[str]) -> frozenset[TopicPartition] | None:
        """The partitions of `topics` that no member of the group was given; None while it rebalances.

        Raises `KafkaError` when the group's coordinator does not answer.
        """
        assigned = await internals.assigned_to_group(self)
        return None if assigned is None else self.expected(topics).difference(assigned)

    def expected(self, topics: Sequence[str]) -> frozenset[TopicPartition]:
        return frozenset(
            TopicPartition(topic, number)
            for topic in topics
            for number in self.partitions_for_topic(topic) or ()
        )

    def rebalance(self) -> None:
        """Have the group's leader assign all partitions again."""
        internals.rejoin(self, self._assignor)

    async def _look_where_it_stands(self) -> None:
        for topic, partition in self._health.waiting():
            with contextlib.suppress(TimeoutError, KafkaError):
                async with asyncio.timeout(_WAIT):
                    position = await self.position(TopicPartition(topic, partition))
                self._health.moved((topic, partition), position)
