"""A process that falls silent inside a transaction, or whose host is gone, does not keep its locks."""

import pytest

from newsreel_runtime.consumer.consumer import _HANDLER_LIMIT
from newsreel_runtime.consumer.failure import Failure, classify
from newsreel_runtime.database import DATABASE_AWAY, Database
from newsreel_testing.databases import Databases

LOCK = "SELECT pg_advisory_xact_lock(7)"


async def test_who_is_silent_in_a_transaction_loses_its_locks(databases: Databases) -> None:
    async with (
        databases.fresh("newsreel_runtime") as settings,
        Database.open(settings, idle_limit=0.2) as silent,
        Database.open(settings) as other,
    ):

        async def hold_until_another_has_it() -> None:
            async with silent.begin() as tx:
                await tx.sql.execute(LOCK)
                async with other.begin() as next_one:
                    await next_one.sql.execute(LOCK)

        with pytest.raises(DATABASE_AWAY) as found:
            await hold_until_another_has_it()
        assert classify(found.value) is Failure.BROKEN, "its record would be parked"
        async with silent.begin() as tx:
            await tx.sql.execute(LOCK)


async def test_the_limits_of_a_session(databases: Databases) -> None:
    async with databases.open("newsreel_runtime") as database, database.read() as connection:
        names = ["idle_in_transaction_session_timeout", "tcp_keepalives_idle", "tcp_keepalives_count"]
        sql = "SELECT setting::int FROM pg_settings WHERE name = ANY($1) ORDER BY array_position($1, name)"
        silent_ms, idle, count = [row["setting"] for row in await connection.fetch(sql, names)]
    assert silent_ms > _HANDLER_LIMIT * 1000, "a handler may take that long between two statements"
    assert 0 < idle * count <= 60
