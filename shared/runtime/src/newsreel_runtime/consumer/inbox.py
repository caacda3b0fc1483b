"""The inbox: which events a consumer has seen. Written in the transaction of their effects."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from enum import Enum

import asyncpg

from newsreel_runtime.consumer.parked_records import stored_key
from newsreel_runtime.consumer.record import Job
from newsreel_runtime.sql import Sql

# One statement, and so one moment: a key that is freed meanwhile is parked for all of it, or for none.
_ADMIT = """
WITH asked AS (
    SELECT a.n, a.replayed, a.ce_id, a.day, own.sent,
           EXISTS (SELECT FROM parked_record p WHERE p.consumer = $1 AND p.topic = a.topic
                   AND p.partition = a.partition AND p.key = a.key AND p."offset" < a."offset")
           AND NOT EXISTS (SELECT FROM inbox i
                           WHERE i.consumer = $1 AND i.ce_id = a.ce_id AND i.day = a.day) AS behind
    FROM unnest($2::text[], $3::int[], $4::bigint[], $5::bytea[], $6::boolean[], $7::uuid[], $8::date[],
                $9::bigint[])
         WITH ORDINALITY AS a (topic, partition, "offset", key, replayed, ce_id, day, record_time, n)
    LEFT JOIN parked_record own ON own.consumer = $1 AND own.topic = a.topic
         AND own.partition = a.partition AND own."offset" = a."offset"
         AND coalesce(own.record_time = a.record_time, true)
), noted AS (
    INSERT INTO inbox (consumer, ce_id, day)
    SELECT $1, ce_id, day FROM asked
    WHERE NOT behind AND CASE WHEN replayed THEN sent IS NOT NULL ELSE sent IS NOT TRUE END ORDER BY ce_id
    ON CONFLICT DO NOTHING RETURNING ce_id, day
)
SELECT a.behind, a.sent, noted.ce_id IS NOT NULL AS unseen
FROM asked a LEFT JOIN noted ON noted.ce_id = a.ce_id AND noted.day = a.day ORDER BY a.n
"""


class Decision(Enum):
    """What is to be done with a record."""

    HANDLE = "its effect is not there yet"
    SEEN = "its effect is there"
    BEHIND = "an earlier record of its key is parked"
    NOTHING = "it stays parked, or waits no longer"


@dataclass(frozen=True)
class Admitted:
    """`parked`: it has a row among the parked records, which goes when the effect is there."""

    decision: Decision
    parked: bool


def _decide(row: asyncpg.Record, *, replayed: bool) -> Decision:
    """A live record that is parked, but was perhaps never sent (a crash in between), is tried again."""
    if (row["sent"] is None) if replayed else row["sent"]:
        return Decision.NOTHING
    if row["behind"]:
        return Decision.NOTHING if replayed else Decision.BEHIND
    return Decision.HANDLE if row["unseen"] else Decision.SEEN


async def admit(sql: Sql, consumer: str, jobs: Sequence[Job]) -> list[Admitted]:
    """Note the jobs' events as seen by `consumer`, in one round trip, and say what to do with each.

    A replayed record whose earlier one of the same key is still parked stays parked. A duplicate of an
    event that was already applied is never parked: a relay that crashes before Kafka acknowledges resends all
    events of the key.
    """
    columns = zip(
        *(
            (
                job.place.topic,
                job.place.partition,
                job.place.offset,
                stored_key(job.record.key),
                job.replayed,
                job.envelope.id,
                job.envelope.time.astimezone(UTC).date(),
                None if job.replayed else job.record.timestamp,
            )
            for job in jobs
        ),
        strict=True,
    )
    rows = await sql.fetch(_ADMIT, consumer, *map(list, columns))
    admitted = []
    handled = set()
    for job, row in zip(jobs, rows, strict=True):
        decision = _decide(row, replayed=job.replayed)
        if decision is Decision.HANDLE:
            if job.envelope.id in handled:
                decision = Decision.SEEN
            handled.add(job.envelope.id)
        admitted.append(Admitted(decision, row["sent"] is not None))
    return admitted
