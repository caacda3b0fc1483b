"""The relay: takes outbox rows to Kafka, in order for each key, and removes what Kafka acknowledged.

At least once: a row is removed only after its acknowledgement, so a crash in between sends it again under
the same `ce_id`. One relay leads per database (advisory lock); the others stand by. No transaction is open
while Kafka answers.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import asyncpg
from aiokafka.errors import ClusterAuthorizationFailedError

from newsreel_runtime import outbox
from newsreel_runtime.database import DATABASE_ERRORS, Database
from newsreel_runtime.failpoints import fail_point
from newsreel_runtime.kafka import cut_connections
from newsreel_runtime.outbox import Held
from newsreel_runtime.publisher import outbox_dead
from newsreel_runtime.publisher.kafka_sink import KafkaSink
from newsreel_runtime.publisher.lanes import FAILURES, Lanes, Sink
from newsreel_runtime.publisher.refusals import PAUSES, Refusals
from newsreel_runtime.publisher.watch import Watch
from newsreel_runtime.settings import Kafka
from newsreel_runtime.wakeup import Wakeup, pause

_log = logging.getLogger(__name__)
_LEAD = 0x6F757462  # the advisory lock of the leading relay, one per database
_IDLE = 1.0  # seconds between reads when nothing wakes it up: finds rows that others have inserted
_STANDBY = 0.25  # seconds between tries to lead; a waiting lock would hold back vacuum
_COALESCE = 0.005  # minimum interval between two pg_notify calls to the leading relay, in seconds
_BACKOFF = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0)
# The reads follow the primary key whatever the statistics say; a lost delete is one event sent twice.
_SESSION = "SET synchronous_commit = off; SET enable_seqscan = off; SET enable_sort = off"

OpenSink = Callable[[Kafka, str], Awaitable[Sink[Any]]]


class Relay:
    """Drains one database's outbox for as long as it leads.

    After a commit it waits `linger` seconds for others before it reads: events that nobody waits for cost
    less together (as Kafka's own `linger.ms`).
    """

    def __init__(
        self,
        kafka: Kafka,
        database: Database,
        service: str,
        *,
        open_sink: OpenSink = KafkaSink.open,
        pauses: Sequence[float] = PAUSES,
        linger: float = 0.0,
    ) -> None:
        self._kafka = kafka
        self._database = database
        self._client_id = f"{service}-relay"
        self._open_sink = open_sink
        self._linger = linger
        self._wakeup = Wakeup()
        self._failures = 0
        self._refusals = Refusals(time.monotonic, pauses)
        self._refused: str | None = None
        self._stands_by = False
        database.on_emitted(self._wakeup.wake)

    async def run(self, stopping: asyncio.Event) -> None:
        """Lead or stand by until `stopping`. After a failure it starts over, with growing pauses."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._wake_at_stop(stopping))
            group.create_task(Watch(self._database).run(stopping))
            while not stopping.is_set():
                try:
                    async with self._database.pool.acquire() as connection:
                        with cut_connections():
                            await self._try_to_lead(connection, stopping)
                except (*FAILURES, *DATABASE_ERRORS) as error:
                    self._refused = self._why_refused(error)
                    seconds = _BACKOFF[min(self._failures, len(_BACKOFF) - 1)]
                    self._failures += 1
                    _log.warning("relay interrupted, next try in %s s: %s", seconds, type(error).__qualname__)
                    await pause(stopping, seconds)

    def _why_refused(self, error: BaseException) -> str | None:
        if isinstance(error, ClusterAuthorizationFailedError):
            return f"Kafka refuses {self._client_id}: WRITE is granted on no topic"
        return None

    def why_not_ready(self) -> str | None:
        """What keeps committed events from Kafka and needs somebody's hand, or nothing.

        A Kafka that is away keeps nobody from being ready, and whoever stands by is.
        """
        if self._stands_by:
            return None
        if self._refused is not None:
            return self._refused
        topics = self._refusals.refused_topics
        waiting = (f"{topic} ({reason})" for topic, reason in sorted(topics.items()))
        return f"Kafka refuses the events of {', '.join(waiting)}" if topics else None

    async def announce(self, stopping: asyncio.Event) -> None:
        """For a process without the role relay: tell the leading relay of each commit, until `stopping`."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._wake_at_stop(stopping))
            while not stopping.is_set():
                try:
                    async with self._database.pool.acquire() as connection:
                        await self._stand_by(connection, stopping, 3600)
                except DATABASE_ERRORS:
                    await pause(stopping, 1.0)  # it looks by itself meanwhile

    async def _wake_at_stop(self, stopping: asyncio.Event) -> None:
        await stopping.wait()
        self._wakeup.wake()

    async def _try_to_lead(self, connection: asyncpg.Connection, stopping: asyncio.Event) -> None:
        self._stands_by = not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LEAD)
        if self._stands_by:
            await self._stand_by(connection, stopping, _STANDBY)
            return
        try:
            await connection.execute(_SESSION)
            await connection.add_listener(outbox.CHANNEL, lambda *_: self._wakeup.wake())
            await self._lead(connection, stopping)
        finally:
            connection.terminate()  # the lock, the settings and the listener end with the session

    async def _stand_by(
        self, connection: asyncpg.Connection, stopping: asyncio.Event, seconds: float
    ) -> None:
        """Tell the leading relay of what is committed here: after the commit, and once for several."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while not stopping.is_set() and (left := end - loop.time()) > 0:
            if await self._wakeup.wait(left):
                await connection.execute("SELECT pg_notify($1, '')", outbox.CHANNEL)
                await pause(stopping, _COALESCE)

    async def _lead(self, connection: asyncpg.Connection, stopping: asyncio.Event) -> None:
        sink = await self._open_sink(self._kafka, self._client_id)
        self._refused = None
        self._refusals.begin()
        lanes = Lanes(sink, self._refusals, self._wakeup.wake)
        _log.info("relay leads")
        abandon = True
        try:
            while not stopping.is_set():
                await self._turn(connection, lanes, stopping)
            await lanes.finish(seconds=5)
            await outbox.exchange(connection, [row.seq for row in lanes.take_acknowledged()], [], Held(), 0)
            abandon = False
        finally:
            if abandon:
                await lanes.finish(seconds=0)
            await sink.close(abandon=abandon)

    async def _turn(self, connection: asyncpg.Connection, lanes: Lanes[Any], stopping: asyncio.Event) -> None:
        acknowledged = lanes.take_acknowledged()
        if acknowledged:
            fail_point("relay.acknowledged")
        if dead := list(self._refusals.dead):
            await outbox_dead.bury(connection, dead)
            self._refusals.buried(dead)
            _log.error("Kafka refused events for good, see `newsreel outbox ls`: %d", len(dead))
        limit = lanes.room
        done = [row.seq for row in acknowledged]
        held = Held(self._refusals.withheld(), self._refusals.withheld_topics())
        rows = await outbox.exchange(connection, done, lanes.known, held, limit)
        if acknowledged:
            self._failures = 0
            lanes.forget(acknowledged)
        if rows:
            fail_point("relay.fetched")
            lanes.accept(rows)
        lanes.check()
        if len(rows) < limit or limit == 0:
            woken = await self._wakeup.wait(self._refusals.next_turn(at_most=_IDLE))
            if woken and self._linger:
                await pause(stopping, self._linger)
