"""A FastStream batch subscriber of raw records, whose consumer is replaced when it has broken."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias, cast

from aiokafka import ConsumerRebalanceListener, ConsumerRecord
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaError,
    TopicAuthorizationFailedError,
)
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.message import StreamMessage
from faststream.security import BaseSecurity, SASLScram512

from newsreel_runtime import faststream_internals as internals
from newsreel_runtime.aiokafka_internals import PasswordNow
from newsreel_runtime.consumer.fetching_consumer import FetchingConsumer, refused_topics
from newsreel_runtime.consumer.health import ConsumerHealth, Partition
from newsreel_runtime.kafka import connection_options, cut_connections
from newsreel_runtime.settings import Kafka

_log = logging.getLogger(__name__)
_RESTART = 1.0  # seconds between two attempts to start
_METADATA = 5.0  # seconds: how soon a topic or a partition that was added is noticed
_CHECK = 1.0  # seconds between two looks whether what should be assigned has changed
_REBALANCE = (10.0, 120.0)  # seconds from one forced rebalance to the next, doubled each time
_RECORDS = 400  # of a batch: what it costs beside its records (BEGIN, commits) is shared by so many
_DAY_MS = 86_400_000
_WAITING = "waiting for partition assignment or for the first successful fetch"

Records: TypeAlias = tuple[ConsumerRecord[Any, Any], ...]


class _Joined(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no type hints
    """Knows whether the group has ever given this consumer its partitions, which may be none."""

    def __init__(self, health: ConsumerHealth) -> None:
        self.joined = False
        self.changed = asyncio.Event()
        self._health = health

    async def on_partitions_revoked(self, revoked: object) -> None:
        """Nothing to do.

        The current batch is finished; its commit fails for partitions that moved, and their new owner gets
        those records again.
        """

    async def on_partitions_assigned(self, assigned: object) -> None:
        self.joined = True
        self.changed.set()
        self._health.assigned()


def _security(settings: Kafka) -> BaseSecurity | None:
    if settings.user is None or settings.password is None:
        return None
    context = connection_options(settings).get("ssl_context")
    return SASLScram512(
        settings.user, PasswordNow(settings.password), ssl_context=context, use_ssl=settings.tls
    )


def refusal(error: Exception, group: str) -> str | None:
    """What a platform team is to grant, when `error` says that something is not."""
    if isinstance(error, GroupAuthorizationFailedError):
        return f"Kafka refuses the group {group}: READ on it is not granted"
    if names := refused_topics(error):
        return f"Kafka refuses to {group} topics: READ is not granted on {', '.join(sorted(names))}"
    if isinstance(error, ClusterAuthorizationFailedError):
        return f"Kafka refuses {group}: it is authorized for nothing that it asks for"
    return None


class Subscription:
    """One group's subscriber. `handle` gets each fetched batch; its offsets are committed when it returns."""

    def __init__(
        self,
        group: str,
        topics: Sequence[str],
        kafka: Kafka,
        handle: Callable[[Records], Awaitable[None]],
        health: ConsumerHealth,
    ) -> None:
        self._group = group
        self._names = topics
        self._handle_batch = handle
        self._health = health
        self._connection = connection_options(kafka)
        self._listener = _Joined(health)
        self._broken = asyncio.Event()
        self._failing: frozenset[str] = frozenset()
        self._fetched = False
        self._unassigned: str | None = _WAITING
        self.refused: str | None = None
        health.ends = self._ends
        self._broker = KafkaBroker(
            kafka.bootstrap.split(","),
            client_id=group,
            security=_security(kafka),
            ack_policy=AckPolicy.NACK_ON_ERROR,
            consumer_only=True,
            allow_auto_create_topics=False,
            graceful_timeout=15.0,
            # How long a broker that accepts connections but never answers can block us. Must exceed the
            # session timeout: JoinGroup waits that long for the other members.
            request_timeout_ms=15_000,
            metadata_max_age_ms=int(_METADATA * 1000),
            apply_types=False,
            logger=None,
        )
        self._subscriber = self._broker.subscriber(
            *topics,
            batch=True,
            batch_timeout_ms=0,
            max_records=_RECORDS,
            group_id=group,
            group_instance_id=kafka.instance,  # static membership, KIP-345
            auto_offset_reset="earliest",
            session_timeout_ms=10_000,
            heartbeat_interval_ms=1000,  # how soon a member learns of a rebalance
            fetch_max_wait_ms=500,
            listener=self._listener,
            # A long handler, or a long pause, stays in the group: heartbeats go on beside it. It is bounded
            # by the handler's limit and by liveness instead, which know what they wait for.
            max_poll_interval_ms=_DAY_MS,
        )
        self._subscriber(self._handle, parser=self._as_message, decoder=_raw)

    @property
    def _consumer(self) -> FetchingConsumer | None:
        return cast("FetchingConsumer | None", internals.consumer_of(self._subscriber))

    async def _as_message(self, records: Records) -> StreamMessage[Records]:
        return internals.as_message(records, self._consumer)

    async def _handle(self, records: Records) -> None:
        await self._handle_batch(records)

    def _ends(self) -> Mapping[Partition, int]:
        """Where each assigned partition ended at the last fetch."""
        consumer = self._consumer
        if consumer is None:
            return {}
        known = ((part, consumer.highwater(part)) for part in consumer.assignment())
        return {(part.topic, part.partition): end for part, end in known if end is not None}

    def _polled(self, errors: Sequence[Exception]) -> None:
        self._health.polled()
        failing = frozenset(type(error).__qualname__ for error in errors)
        if failing - self._failing:
            _log.warning("%s: a fetch failed: %s", self._group, ", ".join(sorted(failing)))
        self._failing = failing
        consumer = self._consumer
        if consumer is None:
            return
        if consumer.refused:
            errors = [*errors, TopicAuthorizationFailedError(consumer.refused)]
        if reasons := [reason for error in errors if (reason := refusal(error, self._group))]:
            self._refuse(reasons[-1])
        elif consumer.failing:
            self._refuse(f"{self._group}: fetches fail: {consumer.failing}")
        elif not errors and consumer.fetches:
            self._refuse(self._missing(consumer))
        if consumer.broken:
            self._broken.set()

    def _missing(self, consumer: FetchingConsumer) -> str | None:
        return self._unseen([name for name in self._names if not consumer.partitions_for_topic(name)])

    def _unseen(self, names: Sequence[str]) -> str | None:
        return f"{self._group} waits for topics that do not exist: {', '.join(names)}" if names else None

    async def _topics_are_there(self) -> bool:
        """Whether all topics exist. aiokafka itself would ask until a request times out."""
        admin = AIOKafkaAdminClient(client_id=self._group, **self._connection)
        try:
            await admin.start()
            codes = {
                topic["topic"]: topic["error_code"] for topic in await admin.describe_topics(self._names)
            }
        finally:
            await admin.close()
        hidden = {name for name, code in codes.items() if code == TopicAuthorizationFailedError.errno}
        if hidden:
            raise TopicAuthorizationFailedError(hidden)
        if unseen := self._unseen([name for name in self._names if codes.get(name) != 0]):
            self._refuse(unseen)
        return unseen is None

    def _refuse(self, reason: str | None) -> None:
        if reason != self.refused:
            self.refused = reason
            _log.error("consuming is refused: %s", reason) if reason else _log.info("consuming goes on")

    def why_not_ready(self) -> str | None:
        """What keeps it from its records, or nothing. A lost broker is nothing, once they could be read."""
        return self.refused or self._unassigned or (None if self._fetches() else _WAITING)

    def _fetches(self) -> bool:
        """True once every assigned partition (possibly none) has been fetched successfully at least once."""
        consumer = self._consumer
        if not self._fetched and self._listener.joined and consumer is not None:
            self._fetched = consumer.fetches
        return self._fetched

    @property
    def dead(self) -> bool:
        """Whether it was started and its fetch loop has ended."""
        return internals.loop_has_ended(self._subscriber)

    async def run(self, stopping: asyncio.Event) -> None:
        """Consume until `stopping`, whatever becomes of Kafka meanwhile."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._consume()), group.create_task(self._watch_assignment())]
            await stopping.wait()
            for task in tasks:
                task.cancel()

    async def _watch_assignment(self) -> None:
        """See to it that each partition of each topic was given to a member of the group.

        A group trusts the assignment that Kafka stored for a static member (KAFKA-13435), and that of a
        leader of an older version, which knows nothing of a topic that was subscribed since.
        """
        checked: object = None
        checked_at = rebalanced_at = float("-inf")
        pause = _REBALANCE[0]
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_CHECK):
                    await self._listener.changed.wait()
            consumer, at = self._consumer, time.monotonic()
            if consumer is None or not self._listener.joined:
                self._listener.changed.clear()
                continue
            expected = consumer.expected(self._names)
            if not self._listener.changed.is_set() and expected == checked and at - checked_at < _METADATA:
                continue
            self._listener.changed.clear()
            try:
                async with asyncio.timeout(_METADATA):
                    missing = await consumer.unassigned(self._names)
            except (KafkaError, TimeoutError, OSError):
                continue
            if missing is None:
                continue
            checked, checked_at = (None if missing else expected), at
            names = ", ".join(sorted(f"{part.topic}-{part.partition}" for part in missing))
            self._unassigned = (
                f"{self._group}: no member of the group was assigned {names}" if names else None
            )
            if not missing:
                pause = _REBALANCE[0]
            elif at - rebalanced_at >= pause:
                rebalanced_at, pause = at, min(2 * pause, _REBALANCE[1])
                _log.warning("%s; the group is rebalanced", self._unassigned)
                consumer.rebalance()

    async def _consume(self) -> None:
        while True:
            try:
                with cut_connections():
                    began = await self._begin()
            except (KafkaError, OSError) as error:
                if reason := refusal(error, self._group):
                    self._refuse(reason)
                else:
                    kind = type(error).__qualname__
                    _log.warning("Kafka is unavailable, next attempt in %.0f s: %s", _RESTART, kind)
            else:
                if began:
                    await self._broken.wait()
                    _log.warning("%s: the consumer has broken and is replaced", self._group)
            await self.stop()
            self._broken.clear()
            await asyncio.sleep(_RESTART)

    async def _begin(self) -> bool:
        if not await self._topics_are_there():
            return False
        await self._broker.connect()
        internals.build_consumers_with(self._broker, partial(FetchingConsumer, self._polled, self._health))
        await self._broker.start()
        return True

    async def stop(self) -> None:
        """Finish the batch at hand, commit its offsets and leave the group."""
        self._health.begins()
        try:
            with cut_connections():
                await self._broker.stop()
        except* KafkaError as errors:
            _log.warning(
                "consumer group %s was not left cleanly: %s",
                self._group,
                type(errors.exceptions[0]).__qualname__,
            )


async def _raw(message: StreamMessage[Records]) -> Records:
    return message.raw_message
