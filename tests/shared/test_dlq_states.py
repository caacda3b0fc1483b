"""Any order of records, copies, poison, bugs, fixes, deaths, replays: each effect once, every key in order.

A state machine on a real PostgreSQL and the bus in memory that `test_dlq_bus.py` holds to the real one.
"""

import asyncio
from collections import defaultdict
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from itertools import count
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from newsreel_events import Envelope, notifier
from newsreel_events.topics import TOPICS
from newsreel_runtime.consumer.consumer import Consumer
from newsreel_runtime.database import Database
from newsreel_runtime.dlq.replay import Choice, Replay, chosen, drop, find, with_their_keys
from newsreel_runtime.settings import Kafka, Postgres
from newsreel_runtime.transaction import Tx
from newsreel_testing.bus import Record, an_envelope
from newsreel_testing.consumer_harness import an_event, generations, make_effects, note
from newsreel_testing.databases import Databases
from newsreel_testing.memory_bus import KilledError, MemoryBus

T = TypeVar("T")
MAIL = next(topic for topic in TOPICS if topic.name == "notifier.mail.v1")
GROUP = "identity"
IDS = [UUID(int=n, version=4) for n in (1, 2, 3)]
KEYS = st.sampled_from(IDS)
CHOICES = st.sampled_from([None, "DataError", "BehindError", "MalformedError"])


class Parked(RuleBasedStateMachine):
    """`sent` is what must have had its effect in the end, by key and in this order."""

    postgres: Postgres

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.stack = AsyncExitStack()
        self.database = self.wait(self.stack.enter_async_context(Database.open(self.postgres)))
        self.wait(self.execute("TRUNCATE inbox, parked_record, parked_audit, effect"))
        self.bus = MemoryBus(MAIL, GROUP)
        self.sent: dict[UUID, list[int]] = defaultdict(list)
        self.records: list[Record] = []
        self.poison: list[bytes] = []
        self.buggy: set[str] = set()
        self.dies_in_handler = False
        self.numbers = count(1)

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    async def execute(self, sql: str) -> None:
        async with self.database.read() as connection:
            await connection.execute(sql)

    async def handle(self, tx: Tx, event: notifier.MailAcceptedV1, envelope: Envelope) -> None:
        await note(tx, event, envelope)
        if envelope.key in self.buggy:
            raise asyncpg.DataError("a bug")
        if self.dies_in_handler:
            self.dies_in_handler = False
            raise KilledError

    def process(self) -> Consumer:
        """A process that has just started."""
        consumer = Consumer(GROUP, Kafka(bootstrap="nowhere:1"), self.database, self.bus)
        consumer.on(notifier.MailAcceptedV1, self.handle)
        return consumer

    def put(self, key: UUID, value: bytes, headers: list[tuple[str, bytes]]) -> None:
        record = self.bus.append(MAIL.name, IDS.index(key) % 2, str(key).encode(), value, headers)
        self.records.append(record)

    @rule(key=KEYS)
    def an_event_comes(self, key: UUID) -> None:
        number = next(self.numbers)
        event = an_event(key, number)
        self.put(key, event.model_dump_json().encode(), an_envelope(event).headers())
        self.sent[key].append(number)

    @rule(which=st.integers(0, 30))
    def one_comes_twice(self, which: int) -> None:
        if self.records:
            record = self.records[which % len(self.records)]
            self.bus.append(record.topic, record.partition, record.key, record.value, record.headers)

    @rule(key=KEYS)
    def poison_comes(self, key: UUID) -> None:
        value = b"{broken %d \xff" % next(self.numbers)
        self.put(key, value, [("foreign", b"\xff")])
        self.poison.append(value)

    @rule(key=KEYS, fixed=st.booleans())
    def a_bug_comes_or_goes(self, key: UUID, fixed: bool) -> None:
        (self.buggy.discard if fixed else self.buggy.add)(str(key))

    @rule(limit=st.integers(1, 8), death=st.sampled_from(["", "before", "after", "handler", "commit"]))
    def consume(self, limit: int, death: str) -> None:
        """A process takes a batch. It may die around parking, in a handler, before its offsets commit."""
        self.bus.dies = [death] if death in {"before", "after"} else []
        self.dies_in_handler = death == "handler"
        batch = self.bus.fetch(limit)
        try:
            self.wait(self.process().handle_batch(batch))
        except KilledError:
            pass
        else:
            if death != "commit":
                self.bus.commit(batch)
        self.dies_in_handler = False
        self.bus.dies = []

    @rule(exception=CHOICES, limit=st.sampled_from([None, 1, 2]), whole=st.booleans())
    def replay(self, exception: str | None, limit: int | None, whole: bool) -> None:
        """An operator's choice; not `whole`: a careless one, without what waits under the same keys."""
        self.wait(self._replay(Choice(GROUP, [MAIL.name], exception=exception, limit=limit), whole=whole))

    async def _replay(self, choice: Choice, *, whole: bool) -> None:
        found = await find(self.bus, self.database, choice)
        meant = chosen(found, choice)
        meant = with_their_keys(found, meant) if whole else meant
        await Replay(self.bus, self.database, choice, "test").run(meant, 0)

    async def _drop_poison(self) -> None:
        choice = Choice(GROUP, [MAIL.name], exception="MalformedError")
        await drop(self.database, choice, "test", chosen(await find(self.bus, self.database, choice), choice))

    @invariant()
    def every_key_is_in_order_and_nothing_doubled(self) -> None:
        for key, numbers in self.sent.items():
            done = self.wait(generations(self.database, str(key)))
            assert done == numbers[: len(done)], (key, done, numbers)

    async def _waiting(self) -> int:
        async with self.database.read() as connection:
            found: int = await connection.fetchval("SELECT count(*) FROM parked_record")
            return found

    def teardown(self) -> None:
        """In the end everything is fixed, dropped or replayed: nothing is lost."""
        self.buggy.clear()
        try:
            for _ in range(100):
                while self.bus.fetch(1):
                    self.consume(8, "")
                self.wait(self._drop_poison())
                if not self.wait(self._waiting()):
                    break
                self.replay(None, None, whole=True)
            for key, numbers in self.sent.items():
                assert self.wait(generations(self.database, str(key))) == numbers
            letters = {letter.value for letter in self.wait(self.bus.read(MAIL))}
            assert set(self.poison) <= letters, "each poison is there, byte for byte"
        finally:
            self.wait(self.stack.aclose())
            self.loop.close()


CHECKS = settings(
    max_examples=30, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)

# The same runs each time, and enough of them: whether the planted fault is met must not be a matter of luck.
PLANTED = settings(CHECKS, max_examples=300, derandomize=True, database=None, phases=[Phase.generate])


async def prepared(databases: Databases, stack: AsyncExitStack) -> Postgres:
    postgres = await stack.enter_async_context(databases.fresh("newsreel_runtime"))
    async with Database.open(postgres) as database:
        await make_effects(database)
    return postgres


async def test_each_effect_comes_once_and_in_order(databases: Databases) -> None:
    async with AsyncExitStack() as stack:
        Parked.postgres = await prepared(databases, stack)
        await asyncio.to_thread(run_state_machine_as_test, Parked, settings=CHECKS)


class Forgetful(Parked):
    """A consumer that does not know that a key waits: the machine must find it."""

    def consume(self, limit: int, death: str) -> None:
        self.wait(self.execute("DELETE FROM parked_record WHERE sent"))
        super().consume(limit, death)

    consume = rule(limit=st.integers(1, 8), death=st.just(""))(consume)


async def test_a_consumer_that_lets_later_records_pass_is_caught(databases: Databases) -> None:
    async with AsyncExitStack() as stack:
        Forgetful.postgres = await prepared(databases, stack)
        with pytest.raises(AssertionError):
            await asyncio.to_thread(run_state_machine_as_test, Forgetful, settings=PLANTED)
