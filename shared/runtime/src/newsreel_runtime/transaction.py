"""The one transaction: state, outbox rows and inbox rows are committed together, here and nowhere else."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Self

import asyncpg
from opentelemetry.trace import SpanKind

from newsreel_events import TOPICS, Envelope, EventData
from newsreel_runtime.clock import now
from newsreel_runtime.ids import new_id
from newsreel_runtime.publishing import outbox
from newsreel_runtime.settings import Postgres
from newsreel_runtime.statements import Statements
from newsreel_runtime.telemetry import current_trace, span

# How PostgreSQL frees the locks of a process that is stopped (above what a handler may take, 300 s), or whose
# host is gone (after some 30 s).
IDLE_LIMIT = 330.0  # seconds of silence in a transaction
_KEEPALIVES = {"tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "4"}
_COMPACTED = frozenset(topic.name for topic in TOPICS if topic.compacted)


class Tx:
    """An open transaction: `connection` and `write` for SQL, `emit` for events. It cannot commit itself."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.connection = Statements(connection)
        self._emitted: list[tuple[str, Envelope, bytes | None]] = []

    def write(self, sql: str, *args: object) -> None:
        """Hand over a row of a statement without an answer. Rows of one statement share a round trip.

        They are sent in the order of the calls: before the next statement of `connection`, at the latest
        before the commit. A row that PostgreSQL refuses fails there, and with it the transaction.
        """
        self.connection.add(sql, args)

    def emit(self, event: EventData) -> None:
        """Record an event; it leaves if and only if the transaction commits.

        Its trace context is that of the `create` span made here (OpenTelemetry messaging conventions).
        """
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

    async def flush(self) -> bool:
        """Send what waits, outbox rows last; called by `Database.begin` as the last before the commit."""
        await self.connection.send()
        if self._emitted:
            await outbox.add(self.connection, self._emitted)
        return bool(self._emitted)


async def _keep_as_it_is(_: asyncpg.Connection) -> None:
    """No session state is ever set, so a released connection needs no reset round trip."""


class Database:
    """A service's database: a pool, transactions, and word to the relay when events were committed."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self._listeners: list[Callable[[], None]] = []

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Postgres, idle_limit: float = IDLE_LIMIT) -> AsyncIterator[Self]:
        """Open the pool, and close it at the end. Connections are made when they are needed.

        PostgreSQL ends a session that is in a transaction, and silent, for `idle_limit` seconds.
        """
        pool = asyncpg.create_pool(
            host=settings.host,
            port=settings.port,
            database=settings.database,
            user=settings.user,
            password=settings.password.get_secret_value(),
            min_size=0,
            max_size=settings.pool_size,
            command_timeout=30,
            timeout=10,
            reset=_keep_as_it_is,
            server_settings=_KEEPALIVES | {"idle_in_transaction_session_timeout": f"{idle_limit * 1000:.0f}"},
        )
        async with pool:
            yield cls(pool)

    def on_emitted(self, listener: Callable[[], None]) -> None:
        """Call `listener` after each commit that added to the outbox."""
        self._listeners.append(listener)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Tx]:
        """A transaction that commits at the end of the block and rolls back when it raises."""
        async with self.pool.acquire() as connection, connection.transaction():
            tx = Tx(connection)
            yield tx
            emitted = await tx.flush()
        if emitted:
            for listener in self._listeners:
                listener()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection for a single read, without the round trips of a transaction."""
        async with self.pool.acquire() as connection:
            yield connection

    async def ping(self) -> None:
        """One round trip; raises when the database does not answer."""
        async with self.pool.acquire(timeout=2) as connection:
            await connection.execute("SELECT 1", timeout=2)
