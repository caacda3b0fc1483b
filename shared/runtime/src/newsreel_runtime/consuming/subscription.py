"""A FastStream batch subscriber that fits us: raw records, and no sleep after an empty fetch."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaError,
    TopicAuthorizationFailedError,
)
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import KafkaAckableMessage
from faststream.message import StreamMessage
from faststream.security import BaseSecurity, SASLScram512

from newsreel_runtime.consuming.health import ConsumerHealth, Partition
from newsreel_runtime.kafka import connection_options
from newsreel_runtime.settings import Kafka

_log = logging.getLogger(__name__)
_WAIT_MS = 1000
_RECORDS = 200
_DAY_MS = 86_400_000

Records: TypeAlias = tuple[ConsumerRecord[Any, Any], ...]


class _WaitingConsumer(AIOKafkaConsumer):  # type: ignore[misc]  # aiokafka has no type hints
    """Waits for records inside the fetch: FastStream's batch subscriber would sleep after an empty one."""

    def __init__(
        self, polled: Callable[[KafkaError | None], None], health: ConsumerHealth, **options: Any
    ) -> None:
        super().__init__(**options)
        self._polled = polled
        self._health = health

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int = 0, max_records: int | None = None
    ) -> dict[TopicPartition, list[ConsumerRecord[Any, Any]]]:
        wait = max(timeout_ms, _WAIT_MS)
        try:
            fetched: dict[TopicPartition, list[ConsumerRecord[Any, Any]]] = await super().getmany(
                *partitions, timeout_ms=wait, max_records=max_records
            )
        except KafkaError as error:
            self._polled(error)
            raise
        self._polled(None)
        if not fetched:
            await self._look_where_it_stands()
        return fetched

    async def _look_where_it_stands(self) -> None:
        for topic, partition in self._health.waiting():
            with contextlib.suppress(TimeoutError, KafkaError):
                async with asyncio.timeout(_WAIT_MS / 1000):
                    position = await self.position(TopicPartition(topic, partition))
                self._health.moved((topic, partition), position)


class _Joined(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no type hints
    """Knows whether the group has ever given this consumer its share, which may be none."""

    def __init__(self, health: ConsumerHealth) -> None:
        self.joined = False
        self._health = health

    async def on_partitions_revoked(self, revoked: object) -> None:
        """Nothing: a batch at hand is finished, and its commit refused where others have it now."""

    async def on_partitions_assigned(self, assigned: object) -> None:
        self.joined = True
        self._health.assigned()


def _security(settings: Kafka) -> BaseSecurity | None:
    if settings.user is None or settings.password is None:
        return None
    context = connection_options(settings).get("ssl_context")
    return SASLScram512(
        settings.user, settings.password.get_secret_value(), ssl_context=context, use_ssl=settings.tls
    )


def refusal(error: KafkaError, group: str) -> str | None:
    """What a platform team is to grant, when `error` says that something is not."""
    if isinstance(error, GroupAuthorizationFailedError):
        return f"Kafka refuses the group {group}: READ on it is not granted"
    if isinstance(error, TopicAuthorizationFailedError):
        names = sorted(map(str, *error.args)) if error.args and not isinstance(error.args[0], str) else []
        return f"Kafka refuses to {group} topics: READ is not granted on {', '.join(names) or 'one of them'}"
    if isinstance(error, ClusterAuthorizationFailedError):
        return f"Kafka refuses {group}: it is authorized for nothing that it asks for"
    return None


class Subscription:
    """One group's subscriber. `take` gets each fetched batch; its offsets are committed when it returns."""

    def __init__(
        self,
        group: str,
        topics: Sequence[str],
        kafka: Kafka,
        take: Callable[[Records], Awaitable[None]],
        health: ConsumerHealth,
    ) -> None:
        self._group = group
        self._names = topics
        self._take = take
        self._health = health
        self._connection = connection_options(kafka)
        self._listener = _Joined(health)
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
            apply_types=False,
            logger=None,
        )
        options = self._broker.config.broker_config
        self._subscriber = self._broker.subscriber(
            *topics,
            batch=True,
            batch_timeout_ms=0,
            max_records=_RECORDS,
            group_id=group,
            group_instance_id=kafka.instance,  # static membership, KIP-345
            auto_offset_reset="earliest",
            session_timeout_ms=10_000,
            fetch_max_wait_ms=500,
            listener=self._listener,
            # A long handler, or a long pause, stays in the group: heartbeats go on beside it. It is bounded
            # by the handler's limit and by liveness instead, which know what they wait for.
            max_poll_interval_ms=_DAY_MS,
        )
        self._subscriber(self._handle, parser=self._as_message, decoder=_raw)
        self._options = options

    async def _as_message(self, records: Records) -> StreamMessage[Records]:
        """Take the records as they are: foreign headers need not be text."""
        consumer = self._subscriber.consumer
        assert consumer is not None, "records come from a started consumer"  # noqa: S101 (narrows the type)
        first = records[0]
        return KafkaAckableMessage(
            body=b"",
            raw_message=records,
            message_id=f"{first.topic}-{first.partition}@{first.offset}",
            consumer=consumer,
        )

    async def _handle(self, records: Records) -> None:
        await self._take(records)

    def _ends(self) -> Mapping[Partition, int]:
        """Where each assigned partition ended at the last fetch."""
        consumer = self._subscriber.consumer
        if consumer is None:
            return {}
        known = ((part, consumer.highwater(part)) for part in consumer.assignment())
        return {(part.topic, part.partition): end for part, end in known if end is not None}

    def _polled(self, error: KafkaError | None) -> None:
        self._health.polled()
        if error is None:
            self._refuse(self._missing())
            return
        _log.warning("%s: a fetch failed: %s", self._group, type(error).__qualname__)
        self._refuse(refusal(error, self._group) or self.refused)

    def _missing(self) -> str | None:
        consumer = self._subscriber.consumer
        if consumer is None:
            return None
        return self._unseen([name for name in self._names if not consumer.partitions_for_topic(name)])

    def _unseen(self, names: Sequence[str]) -> str | None:
        return f"{self._group} waits for topics that do not exist: {', '.join(names)}" if names else None

    async def _topics_are_there(self) -> bool:
        """Look before aiokafka does, which would look again and again for the better part of a minute."""
        looking = AIOKafkaAdminClient(client_id=self._group, **self._connection)
        try:
            await looking.start()
            found = {
                topic["topic"]: topic["error_code"] for topic in await looking.describe_topics(self._names)
            }
        finally:
            await looking.close()
        hidden = {name for name, code in found.items() if code == TopicAuthorizationFailedError.errno}
        if hidden:
            raise TopicAuthorizationFailedError(hidden)
        self._refuse(self._unseen([name for name in self._names if found.get(name) != 0]))
        return self.refused is None

    def _refuse(self, reason: str | None) -> None:
        if reason != self.refused:
            self.refused = reason
            _log.error("consuming is refused: %s", reason) if reason else _log.info("consuming goes on")

    @property
    def joined(self) -> bool:
        """Whether the group gave this consumer its share, which may be empty."""
        return self._listener.joined

    @property
    def dead(self) -> bool:
        """Whether it was started and its fetch loop has ended."""
        tasks = self._subscriber.tasks
        return bool(tasks) and all(task.done() for task in tasks)

    async def start(self, stopping: asyncio.Event) -> None:
        """Join the group; tries again, with a pause, while Kafka is away or refuses."""
        while not stopping.is_set():
            try:
                if not await self._topics_are_there():
                    await _until(stopping, 1)
                    continue
                await self._broker.connect()
                builder = self._options.builder
                keywords = builder.keywords if isinstance(builder, partial) else {}
                self._options.builder = partial(_WaitingConsumer, self._polled, self._health, **keywords)
                await self._broker.start()
            except (KafkaError, OSError) as error:
                if isinstance(error, KafkaError) and (refused := refusal(error, self._group)):
                    self._refuse(refused)
                else:
                    _log.warning("Kafka is away, next try in 1 s: %s", type(error).__qualname__)
                await self._broker.stop()
                await _until(stopping, 1)
            else:
                return

    async def stop(self) -> None:
        """Finish the batch at hand, commit its offsets and leave the group."""
        await self._broker.stop()


async def _until(stopping: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stopping.wait()


async def _raw(message: StreamMessage[Records]) -> Records:
    return message.raw_message
