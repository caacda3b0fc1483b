"""kill -9 around parking: the record is among the dead letters, its key waits, and each effect comes once."""

import asyncio
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from newsreel_proving.forked_process import ForkedProcess, Role, fork_server
from newsreel_proving.roles import POISON
from newsreel_proving.stage import EFFECT
from newsreel_runtime.database import Database
from newsreel_runtime.settings import Kafka, Postgres
from newsreel_testing.bus import foreign_producer, reading, send
from newsreel_testing.consumer_harness import PARKED, an_event, newsreel
from newsreel_testing.databases import Databases
from newsreel_testing.environment import environment_of
from newsreel_testing.wait_until import until

GROUP = ("--group", "identity")


@pytest.fixture
async def postgres(databases: Databases) -> AsyncIterator[Postgres]:
    """A database with the table of effects."""
    async with databases.fresh("newsreel_runtime") as settings:
        async with Database.open(settings) as database, database.read() as connection:
            await connection.execute(EFFECT)
        yield settings


class Consumers:
    """Lives of one consumer, on the tests' own Kafka and PostgreSQL."""

    def __init__(self, kafka: Kafka, postgres: Postgres, log: Path) -> None:
        self._log = log
        self._context = fork_server()
        self._environment = environment_of(kafka, postgres) | {
            "NEWSREEL_ENVIRONMENT": "test",
            "NEWSREEL_KAFKA_INSTANCE": "parking_kills",  # a dead one's place is kept for the next
        }

    @asynccontextmanager
    async def one(
        self, more: Mapping[str, str] | None = None, *, mended: bool = False
    ) -> AsyncIterator[ForkedProcess]:
        """A process that is ended in order, unless it has ended."""
        role = Role("identity_a", "consume", "identity", mended=mended)
        process = ForkedProcess.begin(self._context, role, {**self._environment, **(more or {})}, self._log)
        try:
            yield process
        finally:
            await process.stop()


async def numbers(database: Database, key: UUID) -> list[int]:
    """Those of a key's events that had their effect, in the order of the effects."""
    async with database.read() as connection:
        rows = await connection.fetch("SELECT number FROM effect WHERE key = $1 ORDER BY n", key)
        return [row["number"] for row in rows]


@pytest.mark.parametrize("point", ["parking.held", "parking.sent"])
async def test_a_consumer_that_dies_while_it_parks_loses_and_doubles_nothing(
    point: str, kafka: Kafka, postgres: Postgres, tmp_path: Path
) -> None:
    bad, good = uuid4(), uuid4()
    consumers = Consumers(kafka, postgres, tmp_path / "log")
    async with (
        Database.open(postgres) as database,
        foreign_producer(kafka) as producer,
        reading(kafka, [PARKED]) as reader,
    ):
        for event in (an_event(bad, 1), an_event(bad, 2, POISON), an_event(bad, 3), an_event(good, 1)):
            await send(producer, event)
        async with consumers.one({"NEWSREEL_FAILPOINTS": point}) as process:
            await asyncio.wait_for(process.ended.wait(), 60)
            assert process.code == -signal.SIGKILL
        async with consumers.one():
            await until(lambda: numbers(database, good), "the other key's effect", deadline=40)

            async def two_wait() -> bool:
                listed = await newsreel(kafka, postgres, "dlq", "ls", *GROUP)
                return len(listed.out.splitlines()) == 2

            await until(two_wait, "two parked records, of which there is one line each", deadline=30)
            assert await numbers(database, bad) == [1]
            await until(lambda: reader.at_least(2), "the dead letters")
        async with consumers.one(mended=True):
            replay = await newsreel(kafka, postgres, "dlq", "replay", *GROUP)
            assert (replay.code, "2 had their effect" in replay.err) == (0, True), replay.err
            await send(producer, an_event(bad, 4))

            async def flows() -> bool:
                return 4 in await numbers(database, bad)

            await until(flows, "the key flows again")
        assert await numbers(database, bad) == [1, 2, 3, 4]
        assert await numbers(database, good) == [1]
