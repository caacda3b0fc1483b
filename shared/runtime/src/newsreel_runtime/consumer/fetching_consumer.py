"""The Kafka consumer below FastStream: waits inside the fetch, outlives its errors, knows what it may read.

FastStream's loop sleeps for 5 s after each error of a fetch, and aiokafka keeps one error per partition: a
refused topic of three partitions would answer 15 s after its right was granted. So no error leaves `getmany`.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import ConsumerStoppedError, KafkaError, TopicAuthorizationFailedError, for_code
from aiokafka.protocol.commit import OffsetFetchResponse_v2, OffsetFetchResponse_v3

from newsreel_runtime.consumer.commit_span import Batch, commit_span
from newsreel_runtime.consumer.health import ConsumerHealth

_log = logging.getLogger(__name__)
_WAIT = 1.0  # seconds that a fetch waits for records
_PAUSES = (0.1, 0.2, 0.5, 1.0)  # seconds after fetches that fail in a row

Told = Callable[[Sequence[Exception]], None]


def checked(response: Any) -> Any:
    """`response`, unless it is an error as a whole: raised as the `KafkaError` that it is.

    Of an OffsetFetch, aiokafka looks at the partitions only. A coordinator that still loads names none,
    which is taken for "nothing was ever committed": the topics would be read from their start.
    """
    if isinstance(response, OffsetFetchResponse_v2 | OffsetFetchResponse_v3) and response.error_code:
        raise for_code(response.error_code)
    return response


def refused_topics(error: Exception) -> frozenset[str]:
    """The topics that this error says are not to be read; aiokafka names one, or a set."""
    if not isinstance(error, TopicAuthorizationFailedError):
        return frozenset()
    named = [[one] if isinstance(one, str) else one for one in error.args]
    return frozenset(str(topic) for some in named for topic in some)


class FetchingConsumer(AIOKafkaConsumer):  # type: ignore[misc]  # aiokafka has no type hints
    """Tells `told` of each fetch: the errors that it met, if any."""

    def __init__(self, told: Told, health: ConsumerHealth, **options: Any) -> None:
        super().__init__(**options)
        send = self._client.send

        async def send_and_check(*request: Any, **options: Any) -> Any:
            return checked(await send(*request, **options))

        self._client.send = send_and_check
        self._told = told
        self._health = health
        self._failures = 0
        self._batch: Batch = {}
        self._refused: dict[TopicPartition, int | None] = {}  # with the time of the last good fetch before

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int = 0, max_records: int | None = None
    ) -> dict[TopicPartition, list[ConsumerRecord[Any, Any]]]:
        """Records, or none after a wait; never an error, but a pause after one."""
        fetched, errors = await self._fetch(max_records)
        self._note_refusals(errors)
        self._told(errors)
        self._failures = self._failures + 1 if errors and not fetched else 0
        if self._failures:
            await asyncio.sleep(_PAUSES[min(self._failures, len(_PAUSES)) - 1])
        elif not fetched:
            await self._look_where_it_stands()
        self._batch = fetched
        return fetched

    async def _fetch(
        self, max_records: int | None
    ) -> tuple[dict[TopicPartition, list[ConsumerRecord[Any, Any]]], list[Exception]]:
        """One fetch, and all errors that are kept: each would cost a pause of its own."""
        errors: list[Exception] = []
        for _ in range(2 + len(self.assignment())):
            wait = 0.0 if errors else _WAIT
            try:
                async with asyncio.timeout(wait + _WAIT):  # it waits for the group as long as Kafka is away
                    return await super().getmany(timeout_ms=int(wait * 1000), max_records=max_records), errors
            except TimeoutError:
                break
            except ConsumerStoppedError:
                raise
            except Exception as error:  # noqa: BLE001 (of any kind: FastStream would begin again without a pause)
                errors.append(error)
        return {}, errors

    async def commit(self, offsets: dict[TopicPartition, int] | None = None) -> None:
        """As aiokafka's, but it is heard of when it fails: FastStream goes on in silence.

        Nothing is lost: the next commit covers what this one did not, or the records come again.
        """
        try:
            with commit_span(self._group_id, self._batch):
                await super().commit(offsets)
        except KafkaError as error:
            _log.warning("offsets were not committed: %s", type(error).__qualname__)
            raise

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
    def fetches(self) -> bool:
        """Whether each assigned partition has answered a fetch without an error since it was assigned."""
        return all(self.highwater(part) is not None for part in self.assignment())

    @property
    def broken(self) -> bool:
        """Whether one of aiokafka's own tasks has failed. It tells of that for ever, and begins none anew."""
        names = ("_coordination_task", "_heartbeat_task", "_commit_refresh_task")
        tasks = [getattr(self._coordinator, name) for name in names] + [self._fetcher.error_future]
        ended = [task for task in tasks if task is not None and task.done() and not task.cancelled()]
        return any(task.exception() is not None for task in ended)

    async def _look_where_it_stands(self) -> None:
        for topic, partition in self._health.waiting():
            with contextlib.suppress(TimeoutError, KafkaError):
                async with asyncio.timeout(_WAIT):
                    position = await self.position(TopicPartition(topic, partition))
                self._health.moved((topic, partition), position)
