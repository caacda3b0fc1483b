"""Consumers in the test's own process, on a real bus and a real database with a table for effects."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from uuid import UUID, uuid4

from newsreel_events import Envelope, notifier
from newsreel_runtime.consumer.consumer import Consumer
from newsreel_runtime.database import Database
from newsreel_runtime.settings import Kafka, Postgres
from newsreel_runtime.transaction import Tx
from newsreel_testing.environment import environment_of
from newsreel_testing.wait_until import until

ServiceDatabase = Callable[[str], Awaitable[Database]]
PARKED = "notifier.mail.v1.identity.dlq"


def an_event(
    reference_id: UUID | None = None,
    generation: int = 1,
    kind: Literal["signup_code", "no_account"] = "signup_code",
) -> notifier.MailAcceptedV1:
    """One that the group `identity` consumes; events of one reference have one key."""
    return notifier.MailAcceptedV1(
        reference_id=reference_id or uuid4(),
        generation=generation,
        kind=kind,
        occurred_at=datetime.now(UTC),
    )


@asynccontextmanager
async def running(consumer: Consumer) -> AsyncIterator[None]:
    """It runs and has its partitions; it is stopped in order at the end."""
    stopping = asyncio.Event()
    task = asyncio.create_task(consumer.run(stopping))

    async def ready() -> bool:
        return consumer.why_not_ready() is None

    try:
        await until(ready, "an assignment")
        yield
    finally:
        stopping.set()
        await task


async def make_effects(database: Database) -> None:
    """The table for effects."""
    async with database.read() as connection:
        await connection.execute("CREATE TABLE effect (n serial, key text, generation int)")


async def with_effects(service_database: ServiceDatabase) -> Database:
    """A database with a table for effects."""
    database = await service_database("newsreel_runtime")
    await make_effects(database)
    return database


async def note(tx: Tx, event: notifier.MailAcceptedV1, envelope: Envelope) -> None:
    """A handler: one row an event."""
    await tx.sql.execute(
        "INSERT INTO effect (key, generation) VALUES ($1, $2)", envelope.key, event.generation
    )


async def effects(database: Database, key: str) -> int:
    """How many events of a key had their effect."""
    return len(await generations(database, key))


async def generations(database: Database, key: str) -> list[int]:
    """The generations of a key that had their effect, in the order of the effects."""
    async with database.read() as connection:
        rows = await connection.fetch("SELECT generation FROM effect WHERE key = $1 ORDER BY n", key)
        return [row["generation"] for row in rows]


@dataclass
class Buggy:
    """A handler that fails for some keys until it is fixed."""

    fails_for: set[str] = field(default_factory=set)

    async def __call__(self, tx: Tx, event: notifier.MailAcceptedV1, envelope: Envelope) -> None:
        await note(tx, event, envelope)
        if envelope.key in self.fails_for:
            raise RuntimeError("personal data must not travel in the reason")


@dataclass(frozen=True)
class Ended:
    """A command that came to its end."""

    code: int
    out: str
    err: str


async def newsreel(kafka: Kafka, postgres: Postgres | None, *arguments: str) -> Ended:
    """Run the `newsreel` command as an operator does."""
    given = (kafka,) if postgres is None else (kafka, postgres)
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("newsreel")),
        *arguments,
        env=os.environ | environment_of(*given),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return Ended(process.returncode, out.decode(), err.decode())
