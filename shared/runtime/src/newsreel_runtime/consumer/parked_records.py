"""What waits in a consumer's dead letter topics; while a key has a row, its later records wait behind it."""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from newsreel_runtime.consumer.failure import BehindError, describe
from newsreel_runtime.consumer.record import Place, Record
from newsreel_runtime.sql import Sql

_log = logging.getLogger(__name__)
_KEY_LIMIT = 512  # bytes
# Another record at the place of a row is of the topic's next life: it takes the row's place.
_HOLD = """
WITH before AS (SELECT record_time FROM parked_record
                WHERE consumer = $1 AND topic = $2 AND partition = $3 AND "offset" = $4)
INSERT INTO parked_record AS p (consumer, topic, partition, "offset", key, behind, exception_type,
                                exception_message, attempts, record_time)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (consumer, topic, partition, "offset") DO UPDATE
SET behind = excluded.behind, exception_type = excluded.exception_type, failed_at = excluded.failed_at,
    exception_message = excluded.exception_message, key = excluded.key,
    record_time = coalesce(excluded.record_time, p.record_time),
    sent = p.sent AND coalesce(p.record_time = excluded.record_time, true),
    attempts = excluded.attempts
        + CASE WHEN coalesce(p.record_time = excluded.record_time, true) THEN p.attempts ELSE 0 END
RETURNING sent, EXISTS (SELECT FROM before WHERE record_time <> $10) AS replaced
"""
_SENT = """
UPDATE parked_record SET sent = true
WHERE consumer = $1 AND topic = $2 AND partition = $3 AND "offset" = $4
"""
_RELEASE = """
DELETE FROM parked_record WHERE consumer = $1 AND topic = $2 AND partition = $3 AND "offset" = $4
"""
_WAITING = """
SELECT partition, "offset", key, sent, behind, exception_type, exception_message, attempts, replays,
       parked_at, failed_at
FROM parked_record WHERE consumer = $1 AND topic = $2 ORDER BY partition, "offset"
"""
_OLDEST = """
SELECT topic, extract(epoch FROM clock_timestamp() - min(parked_at))::float8 FROM parked_record
WHERE consumer = $1 GROUP BY topic
"""
_FORGET = """
DELETE FROM parked_record WHERE (consumer, topic, partition, "offset") IN (
    SELECT consumer, topic, partition, "offset" FROM parked_record
    WHERE consumer = $1 AND topic = $2 AND parked_at < clock_timestamp() - $3::interval
    ORDER BY parked_at LIMIT 100)
RETURNING partition
"""


@dataclass(frozen=True)
class Parked:
    """A record on its way to the dead letter topic, and why."""

    record: Record
    place: Place
    error: BaseException
    attempts: int


@dataclass(frozen=True)
class Waiting:
    """What the database knows of a parked record."""

    place: Place
    key: bytes | None
    sent: bool
    behind: bool
    exception_type: str
    exception_message: str
    attempts: int
    replays: int
    parked_at: datetime
    failed_at: datetime


def stored_key(key: bytes | None) -> bytes | None:
    """A key as rows have it: an index takes no long ones, so those are told apart by their SHA-256."""
    return key if key is None or len(key) <= _KEY_LIMIT else hashlib.sha256(key).digest()


async def hold(sql: Sql, consumer: str, parked: Parked) -> bool:
    """Note that the record is parked, from now on its key waits. Says whether Kafka is yet to get it."""
    error, record = parked.error, parked.record
    lives_here = (record.topic, record.partition, record.offset) == parked.place  # a replayed one does not
    row = await sql.fetchrow(
        _HOLD,
        consumer,
        *parked.place,
        stored_key(record.key),
        isinstance(error, BehindError),
        type(error).__qualname__,
        describe(error),
        parked.attempts,
        record.timestamp if lives_here else None,
    )
    assert row is not None, "INSERT … RETURNING gives a row"  # noqa: S101 (narrows the type)
    if row["replaced"]:
        _log.error("%s was parked before its topic was made anew: that record is given up", parked.place)
    return not row["sent"]


async def mark_sent(sql: Sql, consumer: str, places: Sequence[Place]) -> None:
    await sql.executemany(_SENT, [(consumer, *place) for place in places])


async def release(sql: Sql, consumer: str, places: Sequence[Place]) -> None:
    """They wait no longer: their effect is there, or they were dropped."""
    await sql.executemany(_RELEASE, [(consumer, *place) for place in places])


async def waiting(sql: Sql, consumer: str, topic: str) -> list[Waiting]:
    """All that is parked of a topic, in its order."""
    return [
        Waiting(Place(topic, row["partition"], row["offset"]), *list(row.values())[2:])
        for row in await sql.fetch(_WAITING, consumer, topic)
    ]


async def oldest(sql: Sql, consumer: str) -> dict[str, float]:
    """For how many seconds the oldest parked record of each topic has waited."""
    return dict([tuple(row) for row in await sql.fetch(_OLDEST, consumer)])


async def forget(sql: Sql, consumer: str, topic: str, kept: timedelta) -> int:
    """Remove what Kafka has kept for its time and forgotten, so that its key flows again: 100 rows at most.

    The database's clock decides. Says how many records that lost.
    """
    return len(await sql.fetch(_FORGET, consumer, topic, kept))
