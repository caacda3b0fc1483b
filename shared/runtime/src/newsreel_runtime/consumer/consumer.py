"""Consumer: the one way in from Kafka. At least once on the wire, effects once.

A fetched batch is one transaction: inbox rows and effects. When that fails, its records are taken one by one,
so that a poisonous one is parked alone. A broken dependency pauses the consumer: the offset stays, nothing is
parked.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import timedelta
from typing import TypeVar, cast

from newsreel_events import TOPICS, Envelope, EventData, MalformedError, UnknownTypeError, parse
from newsreel_runtime.consumer import metrics, parked_records
from newsreel_runtime.consumer.batch_handler import BatchHandler, Handler, TombstoneHandler
from newsreel_runtime.consumer.dead_letter_producer import DeadLetterProducer, DeadLetterSink
from newsreel_runtime.consumer.health import ConsumerHealth
from newsreel_runtime.consumer.inbox_days import keep_days_now
from newsreel_runtime.consumer.parked_records import Parked
from newsreel_runtime.consumer.parked_watch import watch_parked
from newsreel_runtime.consumer.record import Job, Record, place_of
from newsreel_runtime.consumer.retry import Retry, StoppedError
from newsreel_runtime.consumer.subscription import Subscription
from newsreel_runtime.consumer.tombstone import tombstone_envelope
from newsreel_runtime.database import Database
from newsreel_runtime.settings import Kafka
from newsreel_runtime.timer import Timer, every
from newsreel_runtime.transaction import Tx

_log = logging.getLogger(__name__)
_TOPICS = {topic.name: topic for topic in TOPICS}
_HANDLER_LIMIT = 300.0  # seconds for one transaction of handlers
_UNEXPECTED = 5.0  # seconds of pause after a failure of our own: nothing may spin
E = TypeVar("E", bound=EventData)


class Consumer:
    """One consumer group's handlers, by event type; one subscription for its topics and their replays."""

    def __init__(
        self,
        group: str,
        kafka: Kafka,
        database: Database,
        dead_letters: DeadLetterSink | None = None,
        handler_limit: float = _HANDLER_LIMIT,
    ) -> None:
        self.group = group
        self._kafka = kafka
        self._database = database
        self._dead_letters = dead_letters or DeadLetterProducer(kafka, group)
        self.health = ConsumerHealth(handler_limit)
        self._retry = Retry(database, self.health.working)
        self._batch_handler = BatchHandler(group, database, self._dead_letters, self._retry, handler_limit)
        self._replays: dict[str, str] = {}  # replay topic → the topic it belongs to
        self._subscription: Subscription | None = None

    def on(self, event: type[E], handler: Callable[[Tx, E, Envelope], Awaitable[None]]) -> None:
        """Call `handler` for each event of that type, once per event, in the order of its key.

        A handler that takes long may: its consumer stays in the group. After `handler_limit` seconds it is
        cancelled, and its record parked.
        """
        self._batch_handler.handlers[event.type] = cast("Handler", handler)
        self._replays[_TOPICS[event.topic].replayed(self.group)] = event.topic

    def on_tombstone(self, topic: str, handler: TombstoneHandler) -> None:
        """Call `handler` with the key of each record without a value; it must bear repetition."""
        self._batch_handler.tombstones[topic] = handler
        self._replays[_TOPICS[topic].replayed(self.group)] = topic

    @property
    def types(self) -> frozenset[str]:
        return frozenset(self._batch_handler.handlers)

    @property
    def timers(self) -> Sequence[Timer]:
        """What is looked after regularly: the inbox's days, parked records, and those Kafka has forgotten."""
        return (
            every(3600, "inbox maintenance", self._maintain),
            watch_parked(self._database, self.group, set(self._replays.values())),
        )

    def why_not_ready(self) -> str | None:
        """What keeps this consumer from its work, or nothing. A lost broker keeps nobody from being ready."""
        if self._retry.reason is not None:
            return self._retry.reason
        if self._subscription is None:
            return "consuming has not begun"
        return self._subscription.why_not_ready()

    def why_not_alive(self) -> str | None:
        """What only a restart mends, or nothing."""
        if self._subscription is not None and self._subscription.dead:
            return "the fetch loop has ended"
        return self.health.why_not_alive()

    async def run(self, stopping: asyncio.Event) -> None:
        """Consume until `stopping`; the batch at hand is finished and its offsets are committed.

        Raises `ValueError` when a compacted topic has no tombstone handler: copies would keep the erased.
        """
        compacted = {name for name in self._replays.values() if _TOPICS[name].compacted}
        if unheard := sorted(compacted - self._batch_handler.tombstones.keys()):
            _log.critical("%s: no tombstone handler for compacted %s", self.group, ", ".join(unheard))
            raise ValueError("a compacted topic needs a tombstone handler")
        topics = sorted({*self._replays, *self._replays.values()})
        self._subscription = Subscription(self.group, topics, self._kafka, self.handle_batch, self.health)
        watching = asyncio.create_task(self.health.watch_loop(stopping))
        try:
            with metrics.observed(self._lags):
                await self._subscription.run(stopping)
        finally:
            self._retry.stopping.set()
            await self._subscription.stop()
            await self._dead_letters.close()
            watching.cancel()

    async def handle_batch(self, records: Sequence[Record]) -> None:
        """Every record of a batch: applied, ignored or parked. Returns when its offsets may be committed."""
        self.health.began(records)
        for topic, count in Counter(record.topic for record in records).items():
            metrics.consumed.add(count, metrics.named(self.group, topic, "poll"))
        try:
            jobs = [job for record in records if (job := await self._read(record)) is not None]
            await self._batch_handler.handle(jobs)
        except StoppedError:
            raise
        except Exception:
            self._retry.reason = "unexpected error outside the handlers; the batch will be retried"
            _log.exception(self._retry.reason)
            await self._retry.pause(_UNEXPECTED)
            raise
        self._retry.reason = None
        self.health.ended(records)

    async def _read(self, record: Record) -> Job | None:
        """The record's event if it has a handler; what cannot be read is parked at once."""
        try:
            place, replayed = place_of(record, self._replays)
        except ValueError:
            _log.error(
                "%s-%d@%d is no replayed record: ignored", record.topic, record.partition, record.offset
            )
            return None
        try:
            if record.value is None:
                if place.topic not in self._batch_handler.tombstones:
                    return None
                return Job(record, place, replayed, tombstone_envelope(record, place), None)
            envelope, event = parse(record.headers, record.key, record.value)
        except UnknownTypeError:
            return None
        except MalformedError as error:
            await self._batch_handler.park(Parked(record, place, error, 1), replayed=replayed)
            return None
        known = envelope.type in self._batch_handler.handlers
        return Job(record, place, replayed, envelope, event) if known else None

    async def _maintain(self) -> None:
        await keep_days_now(self._database)
        for name in set(self._replays.values()):
            kept = timedelta(milliseconds=int(_TOPICS[name].parked_config["retention.ms"]))
            async with self._database.begin() as tx:
                lost = await parked_records.forget(tx.sql, self.group, name, kept)
            if lost:
                metrics.lost.add(lost, {"messaging.destination.name": name})
                _log.error("%d parked records of %s were not replayed in time, and are lost", lost, name)

    def _lags(self) -> Iterable[tuple[dict[str, str], float]]:
        for (topic, partition), seconds in self.health.lag_seconds(time.time()).items():
            yield (
                {
                    "messaging.destination.name": topic,
                    "messaging.destination.partition.id": str(partition),
                    "messaging.consumer.group.name": self.group,
                },
                seconds,
            )
