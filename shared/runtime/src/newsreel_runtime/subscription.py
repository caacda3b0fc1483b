"""A FastStream batch subscriber that fits us: raw records, and no sleep after an empty fetch."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, TypeAlias

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import KafkaAckableMessage
from faststream.message import StreamMessage
from faststream.security import BaseSecurity, SASLScram512

from newsreel_runtime.kafka import connection_options
from newsreel_runtime.settings import Kafka

_log = logging.getLogger(__name__)
_WAIT_MS = 1000
_RECORDS = 200

Records: TypeAlias = tuple[ConsumerRecord[Any, Any], ...]


class _WaitingConsumer(AIOKafkaConsumer):  # type: ignore[misc]  # aiokafka has no type hints
    """Waits for records inside the fetch: FastStream's batch subscriber would sleep after an empty one."""

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int = 0, max_records: int | None = None
    ) -> dict[TopicPartition, list[ConsumerRecord[Any, Any]]]:
        wait = max(timeout_ms, _WAIT_MS)
        fetched: dict[TopicPartition, list[ConsumerRecord[Any, Any]]] = await super().getmany(
            *partitions, timeout_ms=wait, max_records=max_records
        )
        return fetched


def _security(settings: Kafka) -> BaseSecurity | None:
    if settings.user is None or settings.password is None:
        return None
    context = connection_options(settings).get("ssl_context")
    return SASLScram512(
        settings.user, settings.password.get_secret_value(), ssl_context=context, use_ssl=settings.tls
    )


class Subscription:
    """One group's subscriber. `take` gets each fetched batch; its offsets are committed when it returns."""

    def __init__(
        self,
        group: str,
        topics: Sequence[str],
        kafka: Kafka,
        take: Callable[[Records], Awaitable[None]],
    ) -> None:
        self._take = take
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

    @property
    def assigned(self) -> bool:
        """Whether the group gave this consumer partitions."""
        consumer = self._subscriber.consumer
        return consumer is not None and bool(consumer.assignment())

    async def start(self, stopping: asyncio.Event) -> None:
        """Join the group; tries again, with a pause, while Kafka is away."""
        while not stopping.is_set():
            try:
                await self._broker.connect()
                builder = self._options.builder
                keywords = builder.keywords if isinstance(builder, partial) else {}
                self._options.builder = partial(_WaitingConsumer, **keywords)
                await self._broker.start()
            except (KafkaError, OSError) as error:
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
