"""Rows that share a round trip: nothing overtakes them, and what fails is not committed."""

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


@asynccontextmanager
async def watched(database: Database) -> AsyncIterator[tuple[Tx, list[str]]]:
    """A transaction, and the statements that really were sent in it."""
    sent: list[str] = []
    async with database.pool.acquire() as connection, connection.transaction():
        with connection.query_logger(lambda query: sent.append(query.query)):
            yield Tx(connection), sent


async def test_rows_of_one_statement_share_a_round_trip(database: Database) -> None:
    async with watched(database) as (tx, sent):
        for number in range(500):
            tx.write(ADD, "a", number)
        await tx.flush()
    assert sent == [ADD]
    assert await generations(database, "a") == list(range(500))


async def test_statements_keep_their_order(database: Database) -> None:
    async with database.begin() as tx:
        tx.write(ADD, "a", 1)
        tx.write(RAISE, "a")
        tx.write(ADD, "a", 2)
        tx.write(ADD, "a", 3)
        tx.write(RAISE, "a")
    assert await generations(database, "a") == [100, 20, 30]


WAYS: dict[str, Callable[[BufferedSql], Awaitable[Any]]] = {
    "execute": lambda on: on.execute("UPDATE effect SET generation = 5"),
    "executemany": lambda on: on.executemany("UPDATE effect SET generation = $1", [(5,)]),
    "fetch": lambda on: on.fetch("UPDATE effect SET generation = 5 RETURNING n"),
    "fetchrow": lambda on: on.fetchrow("UPDATE effect SET generation = 5 RETURNING n"),
    "fetchval": lambda on: on.fetchval("UPDATE effect SET generation = 5 RETURNING n"),
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
    assert offered == {*WAYS, "queue", "flush"}, "each new way needs its line in WAYS"


async def test_events_follow_the_rows(database: Database) -> None:
    async with watched(database) as (tx, sent):
        tx.emit(an_event())
        tx.write(ADD, "a", 1)
        await tx.flush()
    assert sent[0] == ADD
    assert "INSERT INTO outbox" in sent[-1]


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
