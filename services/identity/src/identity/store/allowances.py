"""What addresses have used up of their limits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from identity.domain.limits import Limit
from newsreel_runtime.sql import Sql
from newsreel_runtime.transaction import Tx

_SPEND = """
INSERT INTO allowance AS known (bucket, hits, forget_at) VALUES ($1, ARRAY[$2::timestamptz], $3)
ON CONFLICT (bucket) DO UPDATE SET
    hits = (known.hits || excluded.hits)[cardinality(known.hits) + 2 - $4::int:],
    forget_at = greatest(known.forget_at, excluded.forget_at)
WHERE NOT EXISTS (
    SELECT FROM unnest($5::int[], $6::interval[]) AS rule(count, period)
    WHERE known.hits[cardinality(known.hits) + 1 - rule.count] > $2 - rule.period)
  OR known.hits[cardinality(known.hits)] <= $2 - $7::interval
RETURNING hits, (SELECT other.hits FROM allowance AS other WHERE other.bucket = $8)
"""


@dataclass(frozen=True)
class Spent:
    """Whether the hit was allowed; `hits` are the bucket's latest, this one included if it was.

    `beside` are those of the bucket that was asked for, too; of none if the hit was not allowed.
    """

    is_allowed: bool
    hits: tuple[datetime, ...]
    beside: tuple[datetime, ...] = ()


async def spend(tx: Tx, bucket: bytes, limit: Limit, at: datetime, *, beside: bytes | None = None) -> Spent:
    """Count one hit if the limit allows it, else leave the bucket as it is. Locks the bucket either way.

    The check is `limits.free_at` in SQL, so that parallel hits count exactly in one round trip.
    """
    rules = limit.rules
    row = await tx.sql.fetchrow(
        _SPEND,
        bucket,
        at,
        at + max(rule.period for rule in rules),
        max(rule.count for rule in rules),
        [rule.count for rule in rules],
        [rule.period for rule in rules],
        limit.at_latest,
        beside,
    )
    if row is not None:
        hits, others = row
        return Spent(True, tuple(hits), tuple(others or ()))
    # A statement of its own: it sees what the row's last holder committed.
    return Spent(False, await hits_of(tx.sql, bucket))


async def hits_of(sql: Sql, bucket: bytes) -> tuple[datetime, ...]:
    """What was counted, in its order."""
    return tuple(await sql.fetchval("SELECT hits FROM allowance WHERE bucket = $1", bucket) or ())


async def clear(tx: Tx, buckets: Sequence[bytes]) -> None:
    """Forget what was counted; locked in one order, so that two clearings cannot wait for each other."""
    await tx.sql.execute(
        """
        WITH held AS MATERIALIZED (
            SELECT bucket FROM allowance WHERE bucket = ANY ($1::bytea[]) ORDER BY bucket FOR UPDATE)
        DELETE FROM allowance USING held WHERE allowance.bucket = held.bucket
        """,
        list(buckets),
    )
