"""The relay: takes outbox rows to Kafka, in order for each key, and removes what Kafka acknowledged.

At least once: a row is removed only after its acknowledgement, so a crash in between sends it again under
the same `ce_id`. One relay leads per database (advisory lock); the others stand by. No transaction is open
while Kafka answers.
"""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby

import asyncpg
from aiokafka.errors import KafkaError
from opentelemetry.context import Context
from opentelemetry.trace import SpanKind

from newsreel_runtime import outbox
from newsreel_runtime.failpoints import reach
from newsreel_runtime.outbox import OutboxRow
from newsreel_runtime.producer import Producer, started_producer
from newsreel_runtime.settings import Kafka
from newsreel_runtime.telemetry import link_to, span
from newsreel_runtime.transaction import Database
from newsreel_runtime.wakeup import Wakeup

_log = logging.getLogger(__name__)
_LEAD = 0x6F757462  # the advisory lock of the leading relay, one per database
_BATCH = 200
_IDLE = 1.0  # seconds between looks when nobody rings: rows of other processes are found then
_BACKOFF = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0)


def first_of_each_key(rows: list[OutboxRow]) -> list[OutboxRow]:
    """The rows that may leave together: a key's next row waits until its first one is acknowledged."""
    first: dict[tuple[str, str], OutboxRow] = {}
    for row in rows:
        first.setdefault((row.topic, row.envelope.key), row)
    return list(first.values())


@contextmanager
def _send_span(topic: str, rows: list[OutboxRow]) -> Iterator[None]:
    """A root of its own, linked to each event's `create`; the links carry the wait in the outbox (ms)."""
    links = [
        link
        for row in rows
        for link in link_to(
            row.envelope.trace.traceparent, {"newsreel.outbox.wait_ms": round(row.waited * 1000, 3)}
        )
    ]
    attributes: dict[str, str | int | float] = {
        "messaging.system": "kafka",
        "messaging.operation.name": "send",
        "messaging.operation.type": "send",
        "messaging.destination.name": topic,
        "messaging.batch.message_count": len(rows),
        "newsreel.outbox.wait_ms": round(max(row.waited for row in rows) * 1000, 3),
    }
    with span(f"send {topic}", SpanKind.CLIENT, parent=Context(), links=links, attributes=attributes):
        yield


class Relay:
    """Drains one database's outbox for as long as it leads."""

    def __init__(self, kafka: Kafka, database: Database, service: str) -> None:
        self._kafka = kafka
        self._database = database
        self._service = service
        self._wakeup = Wakeup()
        database.on_emitted(self._wakeup.ring)

    async def run(self, stopping: asyncio.Event) -> None:
        """Lead or stand by until `stopping`; whatever breaks is begun anew, with growing pauses."""
        failures = 0
        while not stopping.is_set():
            try:
                async with self._database.pool.acquire() as connection:
                    failures = await self._try_to_lead(connection, stopping, failures)
            except (OSError, KafkaError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                pause = _BACKOFF[min(failures, len(_BACKOFF) - 1)]
                failures += 1
                _log.warning("relay interrupted, next try in %s s: %s", pause, type(error).__qualname__)
                await self._pause(stopping, pause)

    async def _try_to_lead(
        self, connection: asyncpg.Connection, stopping: asyncio.Event, failures: int
    ) -> int:
        if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LEAD):
            await self._pause(stopping, _IDLE)
            return failures
        try:
            await self._lead(connection, stopping)
        finally:
            if not connection.is_closed():
                await connection.execute("SELECT pg_advisory_unlock($1)", _LEAD)
        return 0

    async def _lead(self, connection: asyncpg.Connection, stopping: asyncio.Event) -> None:
        producer = await started_producer(self._kafka, f"{self._service}-relay")
        _log.info("relay leads")
        try:
            while not stopping.is_set():
                rows = await outbox.fetch(connection, _BATCH)
                if not rows:
                    await self._wakeup.wait(_IDLE)
                    continue
                await self._send(producer, connection, first_of_each_key(rows))
        finally:
            await producer.stop()

    async def _send(self, producer: Producer, connection: asyncpg.Connection, rows: list[OutboxRow]) -> None:
        reach("relay.fetched")
        ordered = sorted(rows, key=lambda row: row.topic)
        by_topic = [(topic, list(group)) for topic, group in groupby(ordered, key=lambda row: row.topic)]
        await asyncio.gather(*(self._send_to(producer, topic, group) for topic, group in by_topic))
        reach("relay.acknowledged")
        await outbox.remove(connection, [row.seq for row in rows])

    async def _send_to(self, producer: Producer, topic: str, rows: list[OutboxRow]) -> None:
        with _send_span(topic, rows):
            sent = [
                await producer.send(
                    topic, row.payload, key=row.envelope.key.encode(), headers=row.envelope.headers()
                )
                for row in rows
            ]
            await asyncio.gather(*sent)

    async def _pause(self, stopping: asyncio.Event, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await stopping.wait()
        except TimeoutError:
            return
