"""Consuming: the one way in from Kafka. At least once on the wire, effects once.

A fetched batch is one transaction: inbox rows and effects. When that fails, its records are taken one by one,
so that a poisonous one is parked alone. A broken dependency pauses the consumer: the offset stays, nothing is
parked.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar, cast

import asyncpg
from aiokafka import ConsumerRecord
from aiokafka.errors import KafkaError
from opentelemetry.trace import SpanKind

from newsreel_events import Envelope, EventData, MalformedError, UnknownTypeError, parse
from newsreel_events.envelope import parse_envelope
from newsreel_runtime import inbox
from newsreel_runtime.failpoints import reach
from newsreel_runtime.parking import Parking
from newsreel_runtime.settings import Kafka
from newsreel_runtime.subscription import Subscription
from newsreel_runtime.telemetry import context_from, link_to, span
from newsreel_runtime.transaction import Database, Tx

_log = logging.getLogger(__name__)
_ATTEMPTS = 3
_BACKOFF = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
_BROKEN = (
    OSError,
    KafkaError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
)
_TRANSIENT = (asyncpg.TransactionRollbackError, asyncpg.QueryCanceledError)

Record: TypeAlias = ConsumerRecord[Any, Any]
E = TypeVar("E", bound=EventData)


Handler = Callable[[Tx, EventData, Envelope], Awaitable[None]]
TombstoneHandler = Callable[[Tx, str], Awaitable[None]]


@dataclass(frozen=True)
class _Job:
    record: Record
    envelope: Envelope
    event: EventData | None


class StoppedError(Exception):
    """The consumer is stopping in the middle of a pause; the offset stays where it is."""


class Consuming:
    """One consumer group's handlers, by event type; one subscription for all of its topics."""

    def __init__(self, group: str, kafka: Kafka, database: Database) -> None:
        self.group = group
        self._kafka = kafka
        self._database = database
        self._parking = Parking(kafka, group)
        self._handlers: dict[str, Handler] = {}
        self._tombstones: dict[str, TombstoneHandler] = {}
        self._topics: set[str] = set()
        self._after_commit: list[Callable[[], None]] = []
        self._stopping = asyncio.Event()
        self._subscription: Subscription | None = None
        self._paused = False

    def on(self, event: type[E], handler: Callable[[Tx, E, Envelope], Awaitable[None]]) -> None:
        """Call `handler` for each event of that type, once per event, in the order of its key."""
        self._handlers[event.type] = cast("Handler", handler)
        self._topics.add(event.topic)

    def on_tombstone(self, topic: str, handler: TombstoneHandler) -> None:
        """Call `handler` with the key of each record without a value; it must bear repetition."""
        self._tombstones[topic] = handler
        self._topics.add(topic)

    def after_commit(self, listener: Callable[[], None]) -> None:
        """Call `listener` after each transaction that had effects."""
        self._after_commit.append(listener)

    @property
    def types(self) -> frozenset[str]:
        """The event types that are handled."""
        return frozenset(self._handlers)

    def why_not_ready(self) -> str | None:
        """What keeps this consumer from its work, or nothing."""
        if self._paused:
            return "consuming is paused: a dependency is broken"
        if self._subscription is None or not self._subscription.assigned:
            return "no partitions are assigned yet"
        return None

    async def run(self, stopping: asyncio.Event) -> None:
        """Consume until `stopping`; the batch at hand is finished and its offsets are committed."""
        self._subscription = Subscription(self.group, sorted(self._topics), self._kafka, self._take)
        try:
            await self._subscription.start(stopping)
            await stopping.wait()
        finally:
            self._stopping.set()
            await self._subscription.stop()
            await self._parking.close()

    async def _take(self, records: Sequence[Record]) -> None:
        """Every record of a batch: applied, ignored or parked. Returns when its offsets may be committed."""
        jobs = [job for record in records if (job := await self._read(record)) is not None]
        try:
            await self._apply(jobs)
        except _BROKEN + _TRANSIENT as error:
            _log.warning("a batch of %d was interrupted: %s", len(jobs), type(error).__qualname__)
        except Exception as error:  # noqa: BLE001 (a handler may fail in any way; each record is judged alone next)
            _log.warning("a batch of %d failed, its records follow one by one: %s", len(jobs), type(error))
        else:
            return
        for job in jobs:
            await self._apply_alone(job)

    async def _read(self, record: Record) -> _Job | None:
        """The record's event if it has a handler; what cannot be read is parked at once."""
        try:
            if record.value is None:
                if record.topic not in self._tombstones:
                    return None
                return _Job(record, parse_envelope(record.headers, record.key), None)
            envelope, event = parse(record.headers, record.key, record.value)
        except UnknownTypeError:
            return None
        except MalformedError as error:
            await self._park(record, error, attempts=1)
            return None
        return _Job(record, envelope, event) if envelope.type in self._handlers else None

    async def _apply(self, jobs: Sequence[_Job]) -> None:
        if not jobs:
            return
        async with self._database.begin() as tx:
            unseen = await inbox.unseen(tx.connection, self.group, [job.envelope.id for job in jobs])
            for job in jobs:
                if job.envelope.id in unseen:
                    unseen.remove(job.envelope.id)
                    await self._process(tx, job)
            reach("consuming.applied")
        reach("consuming.committed")
        for listener in self._after_commit:
            listener()

    async def _process(self, tx: Tx, job: _Job) -> None:
        envelope, record = job.envelope, job.record
        attributes = {
            "messaging.system": "kafka",
            "messaging.operation.name": "process",
            "messaging.operation.type": "process",
            "messaging.destination.name": record.topic,
            "messaging.destination.partition.id": str(record.partition),
            "messaging.consumer.group.name": self.group,
            "messaging.kafka.offset": record.offset,
            "messaging.message.id": str(envelope.id),
            "newsreel.event.type": envelope.type,
        }
        trace = envelope.trace
        with span(
            f"process {record.topic}",
            SpanKind.CONSUMER,
            parent=context_from(trace.traceparent, trace.tracestate),
            links=link_to(trace.traceparent),
            attributes=attributes,
        ):
            if job.event is None:
                await self._tombstones[record.topic](tx, envelope.key)
                return
            await self._handlers[envelope.type](tx, job.event, envelope)

    async def _apply_alone(self, job: _Job) -> None:
        attempts = 0
        while True:
            attempts += 1
            try:
                await self._apply([job])
            except _BROKEN as error:
                await self._pause(attempts, error)
            except _TRANSIENT as error:
                await self._pause(min(attempts, 2), error)
            except Exception as error:  # noqa: BLE001 (whatever a handler raises, the record must not block others)
                if attempts >= _ATTEMPTS:
                    await self._park(job.record, error, attempts)
                    return
                await self._pause(1, error)
            else:
                self._paused = False
                return

    async def _park(self, record: Record, error: Exception, attempts: int) -> None:
        failures = 0
        while True:
            try:
                await self._parking.park(record, error, attempts)
            except KafkaError as refused:
                failures += 1
                await self._pause(failures, refused)
            else:
                self._paused = False
                _log.error(
                    "parked %s-%d@%d: %s",
                    record.topic,
                    record.partition,
                    record.offset,
                    type(error).__qualname__,
                )
                return

    async def _pause(self, failures: int, error: Exception) -> None:
        """Wait before the next try. Raises `StoppedError` when the service stops meanwhile."""
        seconds = _BACKOFF[min(failures, len(_BACKOFF)) - 1]
        self._paused = isinstance(error, _BROKEN)
        _log.warning("consuming pauses for %s s: %s", seconds, type(error).__qualname__)
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return
        raise StoppedError
