"""A FastStream batch subscriber that fits us: raw records, and no sleep after an empty fetch."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
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

from newsreel_runtime.consumer_health import ConsumerHealth, Partition
from newsreel_runtime.kafka import connection_options
from newsreel_runtime.settings import Kafka

_log = logging.getLogger(__name__)
_WAIT_MS = 1000
_RECORDS = 200
_DAY_MS = 86_400_000

Records: TypeAlias = tuple[ConsumerRecord[Any, Any], ...]


class _WaitingConsumer(AIOKafkaConsumer):  # type: ignore[misc]  # aiokafka has no type hints
    """Waits for records inside the fetch: FastStream's batch subscriber would sleep after an empty one."""

    def __init__(self, polled: Callable[[KafkaError | None], None], **options: Any) -> None:
        super().__init__(**options)
        self._polled = polled

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
        return fetched


class _Joined(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no type hints
    """Knows whether the group has ever given this consumer its share, which may be none."""

    def __init__(self) -> None:
        self.joined = False

    async def on_partitions_revoked(self, revoked: object) -> None:
        """Nothing: a batch at hand is finished, and its commit refused where others have it now."""

    async def on_partitions_assigned(self, assigned: object) -> None:
        self.joined = True


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
        self._listener = _Joined()
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
        names = [name for name in self._names if not consumer.partitions_for_topic(name)]
        return (
            f"topics do not exist, or are not shown to {self._group}: {', '.join(names)}" if names else None
        )

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
                await self._broker.connect()
                builder = self._options.builder
                keywords = builder.keywords if isinstance(builder, partial) else {}
                self._options.builder = partial(_WaitingConsumer, self._polled, **keywords)
                await self._broker.start()
            except (KafkaError, OSError) as error:
                self._health.polled()
                if isinstance(error, KafkaError) and (refused := refusal(error, self._group)):
                    self._refuse(refused)
                else:
                    _log.warning("Kafka is away, next try in 1 s: %s", type(error).__qualname__)
                await self._broker.stop()
                try:
                    async with asyncio.timeout(1):
                        await stopping.wait()
                except TimeoutError:
                    continue
            else:
                return

    async def stop(self) -> None:
        """Finish the batch at hand, commit its offsets and leave the group."""
        await self._broker.stop()


async def _raw(message: StreamMessage[Records]) -> Records:
    return message.raw_message
