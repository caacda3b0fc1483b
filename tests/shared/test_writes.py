"""Rows that share a round trip: nothing overtakes them, and what fails is not committed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from newsreel_runtime.database import Database
from newsreel_runtime.sql import BufferedSql
from newsreel_runtime.transaction import Tx
from newsreel_testing.consumer_harness import ServiceDatabase, an_event, generations, make_effects
from newsreel_testing.relay_harness import waiting

ADD = "INSERT INTO effect (key, generation) VALUES ($1, $2)"
RAISE = "UPDATE effect SET generation = generation * 10 WHERE key = $1"
COUNT = "SELECT count(*)::int FROM effect"


@pytest.fixture
async def database(service_database: ServiceDatabase) -> Database:
    made = await service_database("newsreel_runtime")
    await make_effects(made)
    return made


class _Watched:
    """A connection that tells of each round trip. asyncpg's query loggers hear nothing of BEGIN."""

    def __init__(self, connection: Any, sent: list[str]) -> None:
        self._connection = connection
        self._sent = sent

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._connection, name)
        if name not in {"execute", "executemany", "fetch", "fetchrow", "fetchval"}:
            return found

        async def call(sql: str, *args: object) -> Any:
            self._sent.append(sql)
            return await found(sql, *args)

        return call


@asynccontextmanager
async def watched(database: Database) -> AsyncIterator[tuple[Tx, list[str]]]:
    """A transaction that nobody ends, and the round trips that were made in it."""
    sent: list[str] = []
    async with database.pool.acquire() as connection:
        yield Tx(_Watched(connection, sent)), sent


async def test_rows_of_one_statement_share_a_round_trip(database: Database) -> None:
    async with watched(database) as (tx, sent):
        for number in range(500):
            tx.write(ADD, "a", number)
        await tx.flush()
        await tx.sql.commit()
    assert sent == ["BEGIN", ADD, "COMMIT"]
    assert await generations(database, "a") == list(range(500))


async def test_statements_keep_their_order(database: Database) -> None:
    async with database.begin() as tx:
        tx.write(ADD, "a", 1)
        tx.write(RAISE, "a")
        tx.write(ADD, "a", 2)
        tx.write(ADD, "a", 3)
        tx.write(RAISE, "a")
    assert await generations(database, "a") == [100, 20, 30]


async def _lock_and_change(on: BufferedSql) -> None:
    await on.lock("a")
    await on.execute("UPDATE effect SET generation = 5")


WAYS: dict[str, Callable[[BufferedSql], Awaitable[Any]]] = {
    "execute": lambda on: on.execute("UPDATE effect SET generation = 5"),
    "executemany": lambda on: on.executemany("UPDATE effect SET generation = $1", [(5,)]),
    "fetch": lambda on: on.fetch("UPDATE effect SET generation = 5 RETURNING n"),
    "fetchrow": lambda on: on.fetchrow("UPDATE effect SET generation = 5 RETURNING n"),
    "fetchval": lambda on: on.fetchval("UPDATE effect SET generation = 5 RETURNING n"),
    "lock": _lock_and_change,
}


@pytest.mark.parametrize("way", WAYS)
async def test_no_statement_overtakes_a_row(database: Database, way: str) -> None:
    async with database.begin() as tx:
        tx.write(ADD, "a", 1)
        await WAYS[way](tx.sql)
        tx.write(ADD, "a", 2)
    assert await generations(database, "a") == [5, 2]


def test_there_is_no_other_way() -> None:
    offered = {name for name in vars(BufferedSql) if not name.startswith("_")}
    ends = {"queue", "flush", "commit", "roll_back"}
    assert offered == {*WAYS, *ends}, "each new way needs its line in WAYS"


async def test_events_follow_the_rows(database: Database) -> None:
    async with watched(database) as (tx, sent):
        tx.emit(an_event())
        tx.write(ADD, "a", 1)
        await tx.flush()
        await tx.sql.roll_back()
    assert sent[:2] == ["BEGIN", ADD]
    assert "INSERT INTO outbox" in sent[-2]


async def test_a_rollback_loses_rows_that_were_sent_and_rows_that_waited(database: Database) -> None:
    async def fail() -> None:
        async with database.begin() as tx:
            tx.write(ADD, "a", 1)
            assert await tx.sql.fetchval(COUNT) == 1
            tx.write(ADD, "a", 2)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await generations(database, "a") == []


@pytest.mark.parametrize(
    ("sql", "args", "error"),
    [
        (ADD, ("a", "no number"), asyncpg.DataError),
        (ADD, ("a", 2**40), asyncpg.DataError),
        ("INSERT INTO effect (n) VALUES ($1)", (None,), asyncpg.NotNullViolationError),
        ("INSERT INTO nowhere VALUES ($1)", (1,), asyncpg.UndefinedTableError),
    ],
)
async def test_a_row_that_fails_fails_as_its_statement_would(
    database: Database, sql: str, args: tuple[Any, ...], error: type[Exception]
) -> None:
    with pytest.raises(error) as executed:
        async with database.begin() as tx:
            await tx.sql.execute(sql, *args)

    async def write() -> None:
        async with database.begin() as tx:
            tx.write(ADD, "a", 1)
            tx.emit(an_event())
            tx.write(sql, *args)

    with pytest.raises(error) as written:
        await write()
    assert type(written.value) is type(executed.value)
    assert await generations(database, "a") == []
    assert await waiting(database) == []


async def test_who_passes_over_a_failure_cannot_commit_without_the_row(database: Database) -> None:
    """A value that cannot be sent does not fail PostgreSQL's transaction: it would commit the rest."""

    async def write() -> None:
        async with database.begin() as tx:
            tx.write(ADD, "a", "no number")
            with pytest.raises(asyncpg.DataError):
                await tx.sql.fetchval(COUNT)

    with pytest.raises(asyncpg.DataError):
        await write()


async def test_who_swallows_the_error_of_a_statement_cannot_commit(database: Database) -> None:
    """PostgreSQL answers COMMIT with ROLLBACK then, and with no error: the rest would be lost in silence."""

    async def swallow() -> None:
        async with database.begin() as tx:
            tx.write(ADD, "a", 1)
            with pytest.raises(asyncpg.UndefinedTableError):
                await tx.sql.execute("SELECT FROM nowhere")

    with pytest.raises(asyncpg.InFailedSQLTransactionError):
        await swallow()
    assert await generations(database, "a") == []


async def test_nothing_is_sent_for_a_transaction_without_statements(database: Database) -> None:
    async with watched(database) as (tx, sent):
        await tx.flush()
        await tx.sql.commit()
        await tx.sql.roll_back()
    assert sent == []


@pytest.mark.parametrize("name", ["ada@example.org", "Ђорђе' ; DROP TABLE effect; --", "\\x00", ""])
async def test_a_lock_is_the_one_that_any_other_client_takes_for_the_name(
    database: Database, name: str
) -> None:
    held = "SELECT NOT pg_try_advisory_xact_lock(hashtextextended($1, 0))"
    async with database.read() as other:
        async with watched(database) as (tx, sent):
            await tx.sql.lock(name)
            assert len(sent) == 1, "it shares the round trip of BEGIN"
            assert await other.fetchval(held, name)
            assert not await other.fetchval(held, f"{name}x")
            await tx.sql.commit()
        assert not await other.fetchval(held, name)


async def test_a_lock_in_the_middle_joins_the_transaction(database: Database) -> None:
    async with watched(database) as (tx, sent):
        tx.write(ADD, "a", 1)
        await tx.sql.lock("a")
        await tx.sql.roll_back()
    assert sent[0] == "BEGIN"
    assert await generations(database, "a") == []


async def test_a_transaction_whose_statement_is_cancelled_frees_its_connection(database: Database) -> None:
    async def wait_for_the_lock() -> None:
        async with database.begin() as tx:
            await tx.sql.lock("a")

    async with database.begin() as holder:
        await holder.sql.lock("a")
        waiting_task = asyncio.create_task(wait_for_the_lock())
        async with database.read() as sql:
            while not await sql.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        waiting_task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting_task
    async with database.begin() as tx:
        await tx.sql.lock("a")
        tx.write(ADD, "a", 1)
    assert await generations(database, "a") == [1]
