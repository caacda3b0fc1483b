"""Any order of writes, commits, kills, refusals and outages: nothing committed is lost, every key in order.

A state machine on a real PostgreSQL and the Kafka in memory that `test_relay_sink.py` holds to the real one.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, TypeVar
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from newsreel_runtime import outbox
from newsreel_runtime.database import Database
from newsreel_runtime.publisher import outbox_dead
from newsreel_runtime.publisher.relay import Relay
from newsreel_runtime.settings import Kafka, Postgres
from newsreel_testing.bus import an_envelope
from newsreel_testing.databases import Databases
from newsreel_testing.memory_kafka import MemoryKafka, MemorySink, Stored
from newsreel_testing.relay_harness import an_event, emptied, firsts
from newsreel_testing.wait_until import until

T = TypeVar("T")
KEYS = st.sampled_from(["a", "b", "c"])
TOPIC = "t"


@dataclass
class Open:
    """A transaction that has written and not committed: whoever writes the key next waits for it."""

    stack: AsyncExitStack
    values: list[bytes]


@dataclass
class Running:
    """A relay with connections of its own, as in a process of its own."""

    database: Database
    stack: AsyncExitStack
    stopping: asyncio.Event
    task: asyncio.Task[None]


class Outbox(RuleBasedStateMachine):
    """`committed` is what a consumer must see of each key, in this order."""

    postgres: Postgres
    kafka: type[MemoryKafka] = MemoryKafka
    met: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.bus = self.kafka(topics={TOPIC: 2})
        self.numbers = count(1)
        self.committed: dict[str, list[bytes]] = defaultdict(list)
        self.dropped: set[bytes] = set()
        self.open: dict[str, Open] = {}
        self.relays: list[Running] = []
        self.stack = AsyncExitStack()
        self.database = self.wait(self.stack.enter_async_context(Database.open(self.postgres)))
        self.wait(self.execute("TRUNCATE outbox, outbox_dead"))

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    async def execute(self, sql: str) -> None:
        async with self.database.read() as connection:
            await connection.execute(sql)

    async def _begin(self, key: str, values: list[bytes]) -> Open:
        stack = AsyncExitStack()
        tx = await stack.enter_async_context(self.database.begin())
        rows = [(TOPIC, an_envelope(an_event(uuid4())).model_copy(update={"key": key}), v) for v in values]
        await outbox.add(tx.sql, rows)
        return Open(stack, values)

    @rule(key=KEYS, events=st.integers(1, 3))
    def begin(self, key: str, events: int) -> None:
        """Write and do not commit yet: these rows have lower numbers than those of other keys to come."""
        if key not in self.open:
            values = [b"%d" % next(self.numbers) for _ in range(events)]
            self.open[key] = self.wait(self._begin(key, values))

    @rule(key=KEYS, events=st.integers(1, 5))
    def write(self, key: str, events: int) -> None:
        """Several events of a key that are there at once."""
        self.begin(key, events)
        self.commit(key)

    @rule(key=KEYS)
    def commit(self, key: str) -> None:
        if key in self.open:
            one = self.open.pop(key)
            self.wait(one.stack.aclose())
            self.committed[key] += one.values

    @rule(key=KEYS)
    def roll_back(self, key: str) -> None:
        if key in self.open:
            one = self.open.pop(key)
            self.wait(_rolled_back(one.stack))

    @initialize()
    def begin_with_a_relay(self) -> None:
        self.start_relay()

    @precondition(lambda self: len(self.relays) < 2)
    @rule()
    def start_relay(self) -> None:
        async def started() -> Running:
            stack = AsyncExitStack()
            database = await stack.enter_async_context(Database.open(self.postgres))
            relay = Relay(
                Kafka(bootstrap="nowhere:1"), database, "t", open_sink=self.bus.open, pauses=(0.001,) * 4
            )
            stopping = asyncio.Event()
            task = asyncio.create_task(relay.run(stopping))
            await asyncio.wait({task}, timeout=0.1)  # it connects meanwhile, and leads or stands by
            return Running(database, stack, stopping, task)

        self.relays.append(self.wait(started()))

    @precondition(lambda self: self.relays)
    @rule(orderly=st.booleans(), which=st.integers(0, 1))
    def end_relay(self, orderly: bool, which: int) -> None:
        one = self.relays.pop(min(which, len(self.relays) - 1))

        async def end() -> None:
            if orderly:
                one.stopping.set()
                await one.task
            else:
                one.database.pool.terminate()
                while not one.task.done():  # a library on the way may swallow a cancellation
                    one.task.cancel()
                    await asyncio.wait({one.task}, timeout=0.05)
            await one.stack.aclose()

        self.wait(end())

    @precondition(lambda self: self.relays)
    @rule(milliseconds=st.sampled_from([1, 5, 20, 100]))
    def let_it_work(self, milliseconds: int) -> None:
        """The relays are told of what was committed, and get some time."""
        self.wait(self.execute(f"NOTIFY {outbox.CHANNEL}"))
        self.wait(asyncio.wait({relay.task for relay in self.relays}, timeout=milliseconds / 1000))

    @rule(away=st.booleans())
    def kafka_is(self, away: bool) -> None:
        self.bus.away = away

    @rule(acks=st.integers(0, 1), fatal=st.integers(0, 1))
    def kafka_fails(self, acks: int, fatal: int) -> None:
        self.bus.lost_acks, self.bus.fatal = acks, fatal

    @rule(key=KEYS)
    def kafka_refuses(self, key: str) -> None:
        self.bus.refused.add(key)

    @rule(drop=st.booleans())
    def mend(self, drop: bool) -> None:
        """An operator drops what is dead, or mends the cause and puts it back."""

        async def act() -> None:
            async with self.database.read() as connection:
                for dead in await outbox_dead.listed(connection):
                    if drop:
                        self.dropped.add(await outbox_dead.payload(connection, dead.id) or b"")
                        await outbox_dead.drop(connection, [dead.id])
                    else:
                        self.bus.refused.discard(dead.key)
                        await outbox_dead.retry(connection, [dead.id])

        self.wait(act())

    def seen(self, key: str) -> list[bytes]:
        return [value for value in firsts(self.bus.values(TOPIC, key)) if value not in self.dropped]

    def due(self, key: str) -> list[bytes]:
        return [value for value in self.committed[key] if value not in self.dropped]

    @invariant()
    def every_key_is_in_order(self) -> None:
        for key in ("a", "b", "c"):
            seen = self.seen(key)
            assert seen == self.due(key)[: len(seen)]

    def teardown(self) -> None:
        """Everything is mended: everything must arrive."""
        try:
            for key in list(self.open):
                self.commit(key)
            self.bus.away, self.bus.lost_acks, self.bus.fatal = False, 0, 0
            self.bus.refused.clear()
            if not self.relays:
                self.start_relay()
            self.wait(until(self._all_gone, "an empty outbox", deadline=30))
            for key in ("a", "b", "c"):
                assert self.seen(key) == self.due(key)
            self.met.update({"refusals": self.bus.refusals, "producers": self.bus.opened})
        finally:
            while self.relays:
                self.end_relay(orderly=True, which=0)
            self.wait(self.stack.aclose())
            self.loop.close()

    async def _all_gone(self) -> bool:
        async with self.database.read() as connection:
            await outbox_dead.retry(connection, [dead.id for dead in await outbox_dead.listed(connection)])
        return await emptied(self.database)


async def _rolled_back(stack: AsyncExitStack) -> None:
    try:
        async with stack:
            raise ZeroDivisionError
    except ZeroDivisionError:
        return


FEW = settings(
    max_examples=30,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


async def test_nothing_is_lost_and_every_key_is_in_order(databases: Databases) -> None:
    met: Counter[str] = Counter()
    async with databases.fresh("newsreel_runtime") as postgres:
        machine = type("Machine", (Outbox,), {"postgres": postgres, "met": met})
        await asyncio.to_thread(run_state_machine_as_test, machine, settings=FEW)
    assert met["refusals"] > 10  # the runs were not idle
    assert met["producers"] > 30


class Forgetful(MemoryKafka):
    """Acknowledges, and keeps nothing."""

    async def open(self, _settings: Kafka, _client_id: str) -> MemorySink:
        return MemorySink(replace(self, logs=defaultdict(list)))


class Backwards(MemoryKafka):
    """Appends batches from their end."""

    async def open(self, _settings: Kafka, _client_id: str) -> MemorySink:
        return BackwardsSink(self)


class BackwardsSink(MemorySink):
    async def send(self, topic: str, partition: int, batch: list[Stored]) -> None:
        await super().send(topic, partition, batch[::-1])


@pytest.mark.parametrize("broken", [Forgetful, Backwards])
async def test_loss_and_disorder_are_found(databases: Databases, broken: type[MemoryKafka]) -> None:
    async with databases.fresh("newsreel_runtime") as postgres:
        machine = type("Machine", (Outbox,), {"postgres": postgres, "kafka": broken, "met": Counter()})
        once = settings(FEW, phases=[Phase.generate], print_blob=False)
        with pytest.raises((AssertionError, ExceptionGroup)):
            await asyncio.to_thread(run_state_machine_as_test, machine, settings=once)
