"""What the processes under test do, with the runtime as the services use it."""

import asyncio
import random
import signal
from collections.abc import Callable, Coroutine
from typing import Any, Final
from uuid import UUID, uuid4

import uvloop

from newsreel_events import Envelope, notifier
from newsreel_proving.forked_process import Role
from newsreel_runtime.clock import now
from newsreel_runtime.consumer.consumer import Consumer
from newsreel_runtime.database import DATABASE_AWAY, Database
from newsreel_runtime.publisher.kafka_sink import KafkaSink
from newsreel_runtime.publisher.relay import Relay
from newsreel_runtime.settings import Kafka, Postgres
from newsreel_runtime.telemetry import set_up_logs
from newsreel_runtime.transaction import Tx
from newsreel_runtime.wakeup import pause

POISON: Final = "no_account"  # an event of this kind is one that the handler cannot bear
_HANDS = 4
_PAUSE = 0.12  # seconds between two transactions of one hand, at most
_DOOMED = 120  # one of so many transactions begins a key that will be parked
_EFFECT = "INSERT INTO effect (key, number, member) VALUES ($1, $2, $3)"


def run(role: Role) -> None:
    """Until SIGTERM, or until it is killed."""
    set_up_logs(role.name)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(role))


async def _run(role: Role) -> None:
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    does: dict[str, Callable[[Role, Database, asyncio.Event], Coroutine[Any, Any, None]]]
    does = {"write": _write, "relay": _relay, "consume": _consume}
    async with Database.open(Postgres()) as database:
        await does[role.does](role, database, stopping)


async def _write(role: Role, database: Database, stopping: asyncio.Event) -> None:
    relay = Relay(Kafka(), database, role.name)
    async with asyncio.TaskGroup() as group:
        group.create_task(relay.announce(stopping))
        for _ in range(_HANDS):
            group.create_task(_write_steadily(database, stopping))


async def _write_steadily(database: Database, stopping: asyncio.Event) -> None:
    chance = random.Random()
    while not stopping.is_set():
        try:
            if chance.random() * _DOOMED < 1:
                await _write_doomed(database)
            else:
                await _write_some(database, chance)
        except DATABASE_AWAY:
            await pause(stopping, 0.05)
        await pause(stopping, chance.uniform(0, _PAUSE))


async def _write_some(database: Database, chance: random.Random) -> None:
    async with database.begin() as tx:
        steady = await tx.sql.fetch("SELECT key FROM subject WHERE steady")
        key = chance.choice(steady)["key"]
        for _ in range(chance.randint(1, 3)):
            await _write_one(tx, key, "signup_code")


async def _write_doomed(database: Database) -> None:
    key = uuid4()
    for kind in ("signup_code", POISON, "signup_code", "signup_code"):
        async with database.begin() as tx:
            await tx.sql.execute(
                "INSERT INTO subject (key, steady) VALUES ($1, false) ON CONFLICT DO NOTHING", key
            )
            await _write_one(tx, key, kind)


async def _write_one(tx: Tx, key: UUID, kind: Any) -> None:
    """State, ledger and event in one transaction; the key's row is locked first, so its events queue up."""
    number = await tx.sql.fetchval(
        "UPDATE subject SET number = number + 1 WHERE key = $1 RETURNING number", key
    )
    await tx.sql.execute(
        "INSERT INTO ledger (key, number, poisonous) VALUES ($1, $2, $3)", key, number, kind == POISON
    )
    tx.emit(notifier.MailAcceptedV1(reference_id=key, generation=number, kind=kind, occurred_at=now()))


async def _relay(role: Role, database: Database, stopping: asyncio.Event) -> None:
    opens = _Hasty.open if role.planted == "acknowledges too early" else KafkaSink.open
    await Relay(Kafka(), database, role.name, open_sink=opens).run(stopping)


class _Hasty(KafkaSink):
    """A planted bug: says that Kafka has what it will send in a moment."""

    async def send(self, topic: str, partition: int, batch: Any) -> None:
        self.sending = asyncio.create_task(self._send_later(topic, partition, batch))

    async def _send_later(self, topic: str, partition: int, batch: Any) -> None:
        await asyncio.sleep(0.1)
        await super().send(topic, partition, batch)


async def _consume(role: Role, database: Database, stopping: asyncio.Event) -> None:
    async def effect(tx: Tx, event: notifier.MailAcceptedV1, _: Envelope) -> None:
        if event.kind == POISON and not role.mended:
            await tx.sql.execute("SELECT 1 / 0")
        row = (event.reference_id, event.generation, role.name)
        if role.planted == "effect outside the transaction":
            await database.pool.execute(_EFFECT, *row)
        else:
            tx.write(_EFFECT, *row)

    consumer = Consumer(role.group, Kafka(), database)
    consumer.on(notifier.MailAcceptedV1, effect)
    await asyncio.gather(consumer.run(stopping), *(timer(stopping) for timer in consumer.timers))
