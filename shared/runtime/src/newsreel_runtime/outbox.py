"""The outbox table: events wait here, in the transaction that made them, until the relay has sent them.

Rows are inserted and deleted, never updated: a change-data-capture connector can drain the same table.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from newsreel_events import TOPICS, Envelope
from newsreel_runtime.sql import Sql

PAYLOAD_LIMIT = 900_000  # bytes, on topics that the table does not know
_LIMITS = {topic.name: topic.data_bytes for topic in TOPICS}
CHANNEL = "newsreel_outbox"  # pg_notify: tells the leading relay of another process of a commit

COLUMNS = (
    "seq, id, topic, key, type, source, specversion, subject, time, contenttype, dataschema, payload, "
    "traceparent, tracestate, created_at"
)
_INSERT = """
INSERT INTO outbox (id, topic, key, type, source, subject, time, dataschema, payload, traceparent, tracestate)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                     $8::text[], $9::bytea[], $10::text[], $11::text[])
"""
# One round trip: what was acknowledged goes, what comes next is read. NOT IN is a hashed lookup, whatever the
# plan. There is no cursor: a lower `seq` that commits later is found the next time. So each read steps over
# the index entries of rows that are gone, until VACUUM has removed them.
_EXCHANGE = """
WITH gone AS (DELETE FROM outbox WHERE seq = ANY($1::bigint[]))
SELECT seq, topic, key, payload, id::text, type, source, specversion, subject, time, contenttype, dataschema,
       traceparent, tracestate, extract(epoch FROM clock_timestamp() - created_at)::float8
FROM outbox
WHERE seq NOT IN (SELECT unnest($2::bigint[])) AND topic <> ALL ($6::text[])
  AND (topic, key) NOT IN (SELECT topic, key FROM outbox_dead)
  AND (topic, key) NOT IN (SELECT * FROM unnest($3::text[], $4::text[]))
ORDER BY seq LIMIT $5
"""
_BACKLOG = """
SELECT (SELECT count(*) FROM (SELECT FROM outbox LIMIT $1) AS counted),
       (SELECT extract(epoch FROM clock_timestamp() - created_at)::float8 FROM outbox ORDER BY seq LIMIT 1),
       (SELECT count(*) FROM outbox_dead),
       coalesce((SELECT n_dead_tup FROM pg_stat_user_tables WHERE relid = 'outbox'::regclass), 0)
"""


class PayloadTooLargeError(ValueError):
    """The event's data exceeds what the bus takes; the transaction fails instead of the relay."""


async def wake_relay(sql: Sql) -> None:
    """Tell the leading relay, which is in another process."""
    await sql.execute("SELECT pg_notify($1, '')", CHANNEL)


class OutboxRow(NamedTuple):
    """One event on its way out, as the table holds it. `waited` is seconds since the row was written."""

    seq: int
    topic: str
    key: str
    payload: bytes | None  # None: a tombstone
    id: str
    type: str
    source: str
    specversion: str
    subject: str | None
    time: str
    contenttype: str
    dataschema: str | None
    traceparent: str | None
    tracestate: str | None
    waited: float

    def headers(self) -> list[tuple[str, bytes]]:
        """The Kafka headers of its CloudEvent, as `Envelope.headers` has them, straight from the columns."""
        found = [
            ("content-type", self.contenttype.encode()),
            ("ce_specversion", self.specversion.encode()),
            ("ce_id", self.id.encode()),
            ("ce_type", self.type.encode()),
            ("ce_source", self.source.encode()),
            ("ce_time", self.time.encode()),
            ("ce_partitionkey", self.key.encode()),
        ]
        for name, value in (
            ("ce_subject", self.subject),
            ("ce_dataschema", self.dataschema),
            ("traceparent", self.traceparent),
            ("tracestate", self.tracestate),
        ):
            if value is not None:
                found.append((name, value.encode()))
        return found


@dataclass(frozen=True)
class Held:
    """What is not to be read: (topic, key) of refused rows, and topics that are refused as a whole."""

    keys: Sequence[tuple[str, str]] = ()
    topics: Sequence[str] = ()


@dataclass(frozen=True)
class Backlog:
    """What waits: `rows` (counted up to a bound), the oldest one's age in seconds, how many are `dead`.

    `unvacuumed` rows were sent and deleted, and slow down each read until VACUUM has removed them.
    """

    rows: int
    oldest_age: float
    dead: int
    unvacuumed: int = 0


async def add(sql: Sql, rows: Sequence[tuple[str, Envelope, bytes | None]]) -> None:
    """Write (topic, envelope, payload) rows. Raises `PayloadTooLargeError`."""
    for topic, envelope, payload in rows:
        limit = _LIMITS.get(topic, PAYLOAD_LIMIT)
        if payload is not None and len(payload) > limit:
            size = f"{len(payload)} bytes, at most {limit} are taken"
            raise PayloadTooLargeError(f"{topic}: the event of {envelope.key} has {size}")
    columns: Iterable[tuple[object, ...]] = zip(
        *(
            (
                envelope.id,
                topic,
                envelope.key,
                envelope.type,
                envelope.source,
                envelope.subject,
                envelope.time.isoformat(),
                envelope.dataschema,
                payload,
                envelope.trace.traceparent,
                envelope.trace.tracestate,
            )
            for topic, envelope, payload in rows
        ),
        strict=True,
    )
    await sql.execute(_INSERT, *map(list, columns))


async def exchange(
    sql: Sql,
    acknowledged: Sequence[int],
    known: Collection[int],
    held: Held,
    limit: int,
) -> list[OutboxRow]:
    """Delete the `acknowledged` rows and return the oldest others, at most `limit`, in the order of `seq`.

    Left out are the rows in `known` (the caller has them), those that are `held`, and those
    that wait behind a dead row of their key.
    """
    topics, keys = [topic for topic, _ in held.keys], [key for _, key in held.keys]
    found = await sql.fetch(_EXCHANGE, acknowledged, list(known), topics, keys, limit, held.topics)
    return [OutboxRow(*record) for record in found]


async def backlog(sql: Sql, count_up_to: int = 100_000) -> Backlog:
    ((rows, age, dead, unvacuumed),) = await sql.fetch(_BACKLOG, count_up_to)
    return Backlog(rows, age or 0.0, dead, unvacuumed)
