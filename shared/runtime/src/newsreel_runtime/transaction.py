"""The one transaction: state, outbox rows and inbox rows are committed together, here and nowhere else."""

from collections.abc import Awaitable, Callable
from functools import partial

import asyncpg
from opentelemetry.trace import SpanKind

from newsreel_events import TOPICS, Envelope, EventData
from newsreel_events.values import refuse_unknown
from newsreel_runtime import outbox
from newsreel_runtime.clock import now
from newsreel_runtime.ids import new_id
from newsreel_runtime.sql import BufferedSql
from newsreel_runtime.telemetry import current_trace, span

_COMPACTED = frozenset(topic.name for topic in TOPICS if topic.compacted)


class Tx:
    """An open transaction: `sql` and `write` for SQL, `emit` for events. It cannot commit itself."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.sql = BufferedSql(connection)
        self._emitted: list[tuple[str, Envelope, bytes | None]] = []
        self._last: dict[Callable[[Tx], Awaitable[None]], None] = {}
        self._afterwards: dict[Callable[[], None], None] = {}

    def write(self, sql: str, *args: object) -> None:
        """Queue a row of a statement without an answer. Rows of one statement share a round trip.

        They are sent in the order of the calls: before the next statement of `sql`, at the latest
        before the commit. A row that PostgreSQL refuses fails there, and with it the transaction.
        """
        self.sql.queue(sql, args)

    def emit(self, event: EventData) -> None:
        """Record an event; it leaves if and only if the transaction commits.

        Its trace context is that of the `create` span made here (OpenTelemetry messaging conventions).
        Raises `UnknownValueError` for a value that the contract does not name: readers take it, we do not.
        """
        refuse_unknown(event)
        self._add(event.topic, partial(Envelope.of, event), event.model_dump_json().encode())

    def tombstone(self, topic: str, key: str) -> None:
        """Record that `key` is erased from a compacted topic, in the order of its events.

        Raises `ValueError` for a topic that forgets by time, and so would keep the key's earlier records.
        """
        if topic not in _COMPACTED:
            raise ValueError(f"{topic} is not compacted: a tombstone erases nothing there")
        self._add(topic, partial(Envelope.of_tombstone, topic, key), None)

    def _add(self, topic: str, envelope_of: Callable[..., Envelope], payload: bytes | None) -> None:
        attributes = {
            "messaging.system": "kafka",
            "messaging.operation.name": "create",
            "messaging.operation.type": "create",
            "messaging.destination.name": topic,
        }
        with span(f"create {topic}", SpanKind.PRODUCER, attributes=attributes) as created:
            envelope = envelope_of(event_id=new_id(), time=now(), trace=current_trace())
            created.set_attribute("messaging.message.id", str(envelope.id))
            created.set_attribute("newsreel.event.type", envelope.type)
        self._emitted.append((topic, envelope, payload))

    def before_commit(self, work: "Callable[[Tx], Awaitable[None]]") -> None:
        """Do `work` in this transaction when all else of it is done; once, however often it is given."""
        self._last[work] = None

    def after_commit(self, listener: Callable[[], None]) -> None:
        """Call `listener` once this is committed; once, however often it is given."""
        self._afterwards[listener] = None

    def committed(self) -> None:
        """`Database.begin` calls it right after the commit."""
        for listener in self._afterwards:
            listener()

    async def flush(self) -> bool:
        """Send the queued rows, then the outbox rows. `Database.begin` calls it right before the commit."""
        await self.sql.flush()
        for work in self._last:
            await work(self)
        await self.sql.flush()
        if self._emitted:
            await outbox.add(self.sql, self._emitted)
        return bool(self._emitted)
