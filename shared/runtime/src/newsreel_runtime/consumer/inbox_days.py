"""The inbox's days: made ahead, dropped when none of their events can come again. One replica at a time.

What is dropped is gone for good, so the database's clock decides, and one turn drops little.
"""

import logging
from datetime import UTC, date, datetime, timedelta

from newsreel_runtime.database import Database
from newsreel_runtime.sql import Sql
from newsreel_runtime.transaction import Tx

_log = logging.getLogger(__name__)
# How long topics keep a record, and how long a parked one may wait for its replay.
KEPT = timedelta(days=14 + 14)
_AHEAD = 3  # days
_AT_ONCE = 1000  # rows of the default partition, and
_DROPS = 2  # days, that one turn removes: little is lost while a clock is wrong
_LOCK = 0x696E626F  # one replica at a time
_DAYS = """
SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'inbox'::regclass AND c.relname ~ '^inbox_[0-9]{8}$' ORDER BY c.relname
"""
_PRUNE = """
DELETE FROM inbox_other WHERE (consumer, ce_id, day) IN (
    SELECT consumer, ce_id, day FROM inbox_other WHERE received_at < $1 LIMIT $2)
"""


def _table(day: date) -> str:
    return f"inbox_{day:%Y%m%d}"


async def _make(sql: Sql, day: date) -> None:
    """Rows of that day that came before its partition move into it; consumers wait that long."""
    table, end = _table(day), day + timedelta(days=1)
    await sql.execute("LOCK TABLE inbox_other IN ACCESS EXCLUSIVE MODE")
    await sql.execute(  # the names and days in it are made here
        f"CREATE TABLE {table} (LIKE inbox INCLUDING DEFAULTS INCLUDING INDEXES,"  # noqa: S608
        f" CHECK (day >= '{day}' AND day < '{end}'));"
        f" WITH moved AS (DELETE FROM inbox_other WHERE day = '{day}'"
        " RETURNING consumer, ce_id, day, received_at)"
        f" INSERT INTO {table} (consumer, ce_id, day, received_at)"
        " SELECT consumer, ce_id, day, received_at FROM moved;"
        f" ALTER TABLE inbox ATTACH PARTITION {table} FOR VALUES FROM ('{day}') TO ('{end}');"
        f" ALTER TABLE {table} DROP CONSTRAINT {table}_day_check"
    )


async def keep_days(tx: Tx, at: datetime) -> tuple[int, int]:
    """One turn: make the days ahead of `at`, drop those past keeping. Says how many of each.

    A day is kept while any of its rows is younger than `KEPT`: events may come late. Does nothing while
    another replica is at it.
    """
    sql = tx.sql
    await sql.execute("SET LOCAL lock_timeout = '2s'")
    if not await sql.fetchval("SELECT pg_try_advisory_xact_lock($1)", _LOCK):
        return 0, 0
    today = at.astimezone(UTC).date()
    there = [row["relname"] for row in await sql.fetch(_DAYS)]
    wanted = [today + timedelta(days=n) for n in range(-1, _AHEAD + 1)]
    missing = [day for day in wanted if _table(day) not in there]
    for day in missing:
        await _make(sql, day)
    dropped = 0
    for table in there:
        if dropped == _DROPS:
            break
        young = f"SELECT EXISTS (SELECT FROM {table} WHERE received_at >= $1)"  # noqa: S608 (its own name)
        if table < _table(today - KEPT) and not await sql.fetchval(young, at - KEPT):
            await sql.execute(f"DROP TABLE {table}")
            dropped += 1
    await sql.execute(_PRUNE, at - KEPT, _AT_ONCE)
    return len(missing), dropped


async def keep_days_now(database: Database) -> None:
    """One turn by the database's clock, in a transaction of its own."""
    async with database.begin() as tx:
        made, dropped = await keep_days(tx, await tx.sql.fetchval("SELECT now()"))
    if made or dropped:
        _log.info("inbox: %d days made, %d dropped", made, dropped)
