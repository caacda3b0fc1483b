"""What becomes of a record: its effect, once; or a place in the dead letter topic. Order per key holds."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from opentelemetry.trace import SpanKind

from newsreel_events import Envelope, EventData
from newsreel_runtime.consumer import inbox, metrics, parked_records
from newsreel_runtime.consumer.circuit_breaker import CircuitBreaker
from newsreel_runtime.consumer.dead_letter_producer import DeadLetterSink
from newsreel_runtime.consumer.failure import BehindError, Failure, TooLongError, classify
from newsreel_runtime.consumer.inbox import Decision
from newsreel_runtime.consumer.parked_records import Parked
from newsreel_runtime.consumer.record import Job, last_header
from newsreel_runtime.consumer.retry import Retry, StoppedError
from newsreel_runtime.database import Database
from newsreel_runtime.failpoints import fail_point
from newsreel_runtime.telemetry import context_from, link_to, span
from newsreel_runtime.transaction import Tx

_log = logging.getLogger(__name__)
_RETRIES = (0.1, 0.5)  # seconds before the second and the third try

Handler = Callable[[Tx, EventData, Envelope], Awaitable[None]]
TombstoneHandler = Callable[[Tx, str], Awaitable[None]]


class BatchHandler:
    """The handlers of one group, and what is done around them."""

    def __init__(
        self, group: str, database: Database, dead_letters: DeadLetterSink, retry: Retry, limit: float
    ) -> None:
        self._group = group
        self._database = database
        self._dead_letters = dead_letters
        self._retry = retry
        self._limit = limit
        self._circuit_breaker = CircuitBreaker()
        self.handlers: dict[str, Handler] = {}
        self.tombstones: dict[str, TombstoneHandler] = {}

    async def handle(self, jobs: Sequence[Job]) -> None:
        """Each job's effect is there, or it is parked, when this returns."""
        live = [job for job in jobs if not job.replayed]
        try:
            if live:
                await self._retry.until_done(lambda: self._apply(live))
        except StoppedError:
            raise
        except Exception as error:  # noqa: BLE001 (a handler may fail in any way; each record is judged alone next)
            kind = type(error).__qualname__
            _log.warning("a batch of %d failed, its records follow one by one: %s", len(live), kind)
            for job in live:
                await self._alone(job)
        for job in jobs:
            if job.replayed:
                await self._alone(job)

    async def park(self, parked: Parked, *, replayed: bool) -> None:
        """Hold the record's key, and send it to the dead letter topic unless it is there already."""
        place, kind = parked.place, type(parked.error).__qualname__
        if not replayed and (reason := self._circuit_breaker.failed(place)):
            await self._retry.stop_for(f"{reason}; the last one: {place}, {kind}")

        async def hold() -> bool:
            async with self._database.begin() as tx:
                return await parked_records.hold(tx.sql, self._group, parked)

        if await self._retry.until_done(hold, every_error=True):
            fail_point("parking.held")
            await self._send([parked])
        if replayed:
            metrics.replayed.add(1, self._named(place.topic) | {"error.type": kind})
        _log.error("parked %s: %s", place, kind)

    async def _send(self, parked: Sequence[Parked]) -> None:
        for letter in parked:
            await self._retry.until_done(partial(self._dead_letters.park, letter), every_error=True)
            kind = type(letter.error).__qualname__
            metrics.parked.add(1, self._named(letter.place.topic) | {"error.type": kind})
        if not parked:
            return
        fail_point("parking.sent")

        async def mark() -> None:
            async with self._database.begin() as tx:
                await parked_records.mark_sent(tx.sql, self._group, [letter.place for letter in parked])

        await self._retry.until_done(mark)

    async def _apply(self, jobs: Sequence[Job]) -> None:
        """One transaction for all of them; then those behind a parked key are sent."""
        try:
            async with asyncio.timeout(self._limit) as deadline:
                behind = await self._transact(jobs)
        except TimeoutError as error:
            if deadline.expired():
                raise TooLongError(f"no end after {self._limit:.0f} s") from error
            raise
        fail_point("consumer.committed")
        held, at = {parked.place for parked in behind}, time.time()
        for job in jobs:
            if not job.replayed and job.place not in held:
                self._circuit_breaker.passed(job.place)
                metrics.e2e.record(max(0.0, at - job.envelope.time.timestamp()), self._named(job.place.topic))
        await self._send(behind)

    async def _transact(self, jobs: Sequence[Job]) -> list[Parked]:
        behind, done = [], []
        async with self._database.begin() as tx:
            admitted = await inbox.admit(tx.sql, self._group, jobs)
            for job, verdict in zip(jobs, admitted, strict=True):
                if verdict.decision is Decision.HANDLE:
                    await self._process(tx, job, alone=len(jobs) == 1)
                elif verdict.decision is Decision.SEEN:
                    metrics.duplicates.add(1, self._named(job.place.topic))
                elif verdict.decision is Decision.BEHIND:
                    waits = Parked(
                        job.record, job.place, BehindError("an earlier record of its key is parked"), 0
                    )
                    if await parked_records.hold(tx.sql, self._group, waits):
                        behind.append(waits)
                if verdict.parked and verdict.decision in {Decision.HANDLE, Decision.SEEN}:
                    done.append(job.place)
            if done:
                await parked_records.release(tx.sql, self._group, done)
            await tx.sql.flush()
            fail_point("consumer.applied")
        return behind

    async def _process(self, tx: Tx, job: Job, *, alone: bool) -> None:
        """One handler in its span: in the event's trace or the replay's; linked to the event's creation.

        What it gave to `Tx.write` is sent inside the span if it is alone, so that the span tells of a row
        that fails; in a batch it is sent with the others' rows, after their spans.
        """
        envelope, record = job.envelope, job.record
        attributes: dict[str, str | int] = {
            "messaging.system": "kafka",
            "messaging.operation.name": "process",
            "messaging.operation.type": "process",
            "messaging.destination.name": record.topic,
            "messaging.destination.partition.id": str(record.partition),
            "messaging.consumer.group.name": self._group,
            "messaging.kafka.offset": record.offset,
            "messaging.message.id": str(envelope.id),
            "newsreel.event.type": envelope.type,
        }
        created = parent = context_from(envelope.trace.traceparent, envelope.trace.tracestate)
        if job.replayed:
            parent = context_from(last_header(record, "replay_traceparent"))
            attributes["newsreel.replay.id"] = last_header(record, "replay_id") or ""
        began = time.perf_counter()
        outcome: dict[str, str] = {}
        try:
            with span(
                f"process {record.topic}",
                SpanKind.CONSUMER,
                parent=parent,
                links=link_to(created),
                attributes=attributes,
            ):
                if job.event is None:
                    await self.tombstones[job.place.topic](tx, envelope.key)
                else:
                    await self.handlers[envelope.type](tx, job.event, envelope)
                if alone:
                    await tx.sql.flush()
        except BaseException as error:
            outcome = {"error.type": type(error).__qualname__}
            raise
        finally:
            named = self._named(record.topic) | outcome
            metrics.duration.record(time.perf_counter() - began, named)

    def _named(self, topic: str) -> dict[str, str]:
        return metrics.named(self._group, topic, "process")

    async def _alone(self, job: Job) -> None:
        attempts = 0
        while True:
            attempts += 1
            try:
                await self._retry.until_done(lambda: self._apply([job]))
            except StoppedError:
                raise
            except Exception as error:  # noqa: BLE001 (whatever a handler raises, the record must not block others)
                fatal = classify(error) is Failure.FATAL or isinstance(error, TooLongError)
                if fatal or attempts > len(_RETRIES):
                    await self.park(Parked(job.record, job.place, error, attempts), replayed=job.replayed)
                    return
                await self._retry.pause(_RETRIES[attempts - 1])
            else:
                if job.replayed:
                    metrics.replayed.add(1, self._named(job.place.topic))
                return
