"""The audit's tables: what waits for the chain, the chain, and by which name it knows an account."""

from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from uuid import UUID

from delivery.domain.audit import START, Entry, Place, Record
from delivery.domain.grant import Grant
from newsreel_runtime.sql import Row, Sql
from newsreel_runtime.transaction import Tx

_LOCK = 0x61756469  # one process at a time adds to the chain
_ROWS = 1000  # of one read
# An account gets its name with its first entry; who comes second in the same moment waits for the first.
_ADD = """
WITH known AS (SELECT pseudonym FROM audit_pseudonym WHERE account_id = $4),
made AS (
    INSERT INTO audit_pseudonym (account_id) SELECT $4 WHERE NOT EXISTS (SELECT FROM known)
    ON CONFLICT (account_id) DO UPDATE SET account_id = excluded.account_id
    RETURNING pseudonym)
INSERT INTO audit_waiting (kind, occurred_at, grant_id, pseudonym, video_id, rendition_id, version, reason)
SELECT $1, $2, $3, pseudonym, $5, $6, (SELECT version FROM video WHERE video_id = $5), $7
FROM (SELECT pseudonym FROM known UNION ALL SELECT pseudonym FROM made) AS account
"""
_OLDEST = """
SELECT extract(epoch FROM now() - occurred_at)::float8 FROM audit_waiting ORDER BY seq LIMIT 1
"""
_TAKE = """
WITH taken AS (
    DELETE FROM audit_waiting WHERE seq IN (SELECT seq FROM audit_waiting ORDER BY seq LIMIT $1) RETURNING *)
SELECT kind, occurred_at, grant_id, pseudonym, video_id, rendition_id, version, reason FROM taken ORDER BY seq
"""
_APPEND = """
INSERT INTO audit_record (day, number, recorded_at, previous, hash,
                          kind, occurred_at, grant_id, pseudonym, video_id, rendition_id, version, reason)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
"""
_END = """
INSERT INTO audit_end (day, number, hash) VALUES ($1, $2, $3)
ON CONFLICT (only_one) DO UPDATE SET day = excluded.day, number = excluded.number, hash = excluded.hash
"""
_READ = """
SELECT day, number, recorded_at, previous, hash,
       kind, occurred_at, grant_id, pseudonym, video_id, rendition_id, version, reason
FROM audit_record WHERE (day, number) > ($1, $2) AND day <= $3 ORDER BY day, number LIMIT $4
"""
_BEFORE = """
SELECT day, number, hash FROM audit_record WHERE day < $1 ORDER BY day DESC, number DESC LIMIT 1
"""


def add(tx: Tx, kind: str, grant: Grant, at: datetime, reason: str | None = None) -> None:
    """Keep for the audit what happened to the grant, if and only if the transaction commits."""
    ids = (grant.grant_id, grant.account_id, grant.video_id, grant.rendition_id)
    tx.write(_ADD, kind, at, *ids, reason)


async def lead(tx: Tx) -> bool:
    """Whether this transaction alone may add to the chain."""
    leads: bool = await tx.sql.fetchval("SELECT pg_try_advisory_xact_lock($1)", _LOCK)
    return leads


async def oldest_age(sql: Sql) -> float | None:
    """For how many seconds the oldest entry has waited for the chain; None when none does."""
    age: float | None = await sql.fetchval(_OLDEST)
    return age


async def take_waiting(tx: Tx, limit: int) -> list[Entry]:
    """The oldest entries that are committed; they wait no more. What commits later comes later."""
    return [Entry(**row) for row in await tx.sql.fetch(_TAKE, limit)]


async def append(tx: Tx, records: Sequence[Record]) -> None:
    """Add the records to the chain; the last of them is its end."""
    for record in records:
        place = (record.day, record.number, record.recorded_at, record.previous, record.hash)
        tx.write(_APPEND, *place, *vars(record.entry).values())
    tx.write(_END, *vars(records[-1].place).values())


async def end(sql: Sql) -> Place:
    """The last record that was added."""
    row = await sql.fetchrow("SELECT day, number, hash FROM audit_end")
    return START if row is None else Place(**row)


async def end_before(sql: Sql, day: date) -> Place:
    """The last record before the day."""
    row = await sql.fetchrow(_BEFORE, day)
    return START if row is None else Place(**row)


async def read(sql: Sql, first: date, last: date) -> AsyncIterator[Record]:
    """The records of these days, in their order, a thousand at a time."""
    after = (first, 0)
    while True:
        rows = await sql.fetch(_READ, *after, last, _ROWS)
        for row in rows:
            yield _record(row)
        if len(rows) < _ROWS:
            return
        after = (rows[-1]["day"], rows[-1]["number"])


async def pseudonym_of(sql: Sql, account_id: UUID) -> UUID | None:
    """By which name the audit knows the account; None: it knows nothing of it, or has forgotten."""
    found: UUID | None = await sql.fetchval(
        "SELECT pseudonym FROM audit_pseudonym WHERE account_id = $1", account_id
    )
    return found


def forget(tx: Tx, account_id: UUID) -> None:
    """Nobody can tell any more whose the account's records are; the records stay."""
    tx.write("DELETE FROM audit_pseudonym WHERE account_id = $1", account_id)


def _record(row: Row) -> Record:
    entry = ("kind", "occurred_at", "grant_id", "pseudonym", "video_id", "rendition_id", "version", "reason")
    place = ("day", "number", "recorded_at", "previous", "hash")
    return Record(Entry(**{name: row[name] for name in entry}), **{name: row[name] for name in place})
