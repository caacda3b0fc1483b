"""Dead outbox rows: Kafka refuses them for good. A key's later rows wait until its dead one is gone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from newsreel_runtime.outbox import COLUMNS, wake_relay
from newsreel_runtime.sql import Sql

_BURY = f"""
WITH refused AS (
    SELECT * FROM unnest($1::bigint[], $2::text[], $3::int[]) AS refused (seq, reason, attempts)
), gone AS (
    DELETE FROM outbox WHERE seq = ANY($1::bigint[]) RETURNING {COLUMNS}
)
INSERT INTO outbox_dead ({COLUMNS}, reason, attempts)
SELECT {COLUMNS}, reason, attempts FROM gone JOIN refused USING (seq)
"""  # noqa: S608 (columns of ours)
_LIST = """
SELECT id, topic, key, type, reason, attempts, died_at, coalesce(octet_length(payload), 0) AS size,
       (SELECT count(*) FROM outbox WHERE outbox.topic = dead.topic AND outbox.key = dead.key) AS waiting
FROM outbox_dead AS dead ORDER BY seq LIMIT $1
"""
# The old `seq` puts the row in front of those of its key that waited for it.
_RETRY = f"""
WITH gone AS (DELETE FROM outbox_dead WHERE id = ANY($1::uuid[]) RETURNING {COLUMNS})
INSERT INTO outbox ({COLUMNS}) OVERRIDING SYSTEM VALUE SELECT {COLUMNS} FROM gone RETURNING id
"""  # noqa: S608 (columns of ours)
_DROP = "DELETE FROM outbox_dead WHERE id = ANY($1::uuid[]) RETURNING id"


@dataclass(frozen=True)
class Refused:
    """A row that Kafka will not take: its `seq`, why, and how often it was tried."""

    seq: int
    reason: str
    attempts: int


@dataclass(frozen=True)
class Dead:
    """A dead row as an operator sees it: no payload. `size` is bytes, `waiting` the rows behind it."""

    id: UUID
    topic: str
    key: str
    type: str
    reason: str
    attempts: int
    died_at: datetime
    size: int
    waiting: int


async def bury(sql: Sql, rows: Sequence[Refused]) -> None:
    """Move rows from the outbox to the dead ones, in one transaction."""
    await sql.execute(
        _BURY, [row.seq for row in rows], [row.reason for row in rows], [row.attempts for row in rows]
    )


async def listed(sql: Sql, limit: int = 1000) -> list[Dead]:
    return [Dead(**record) for record in await sql.fetch(_LIST, limit)]


async def payload(sql: Sql, event_id: UUID) -> bytes | None:
    """What the event carries; None for a tombstone, and when there is no such dead row."""
    found: bytes | None = await sql.fetchval("SELECT payload FROM outbox_dead WHERE id = $1", event_id)
    return found


async def retry(sql: Sql, ids: Sequence[UUID]) -> list[UUID]:
    """Put rows back, in front of those that wait for them, and say which were there; the relay is told."""
    done = await sql.fetch(_RETRY, ids)
    await wake_relay(sql)
    return [record["id"] for record in done]


async def drop(sql: Sql, ids: Sequence[UUID]) -> list[UUID]:
    """Forget rows for ever and say which were there: their events are lost, the next of their key leave."""
    done = await sql.fetch(_DROP, ids)
    await wake_relay(sql)
    return [record["id"] for record in done]
