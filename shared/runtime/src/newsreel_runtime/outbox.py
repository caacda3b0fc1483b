"""The outbox table: events wait here, in the transaction that made them, until the relay has sent them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from newsreel_events import Envelope, TraceContext

PAYLOAD_LIMIT = 900_000  # bytes; Kafka's default limit for a whole record is 1,048,588

_INSERT = """
INSERT INTO outbox (id, topic, key, type, source, subject, time, dataschema, payload, traceparent, tracestate)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                     $8::text[], $9::bytea[], $10::text[], $11::text[])
"""
_SELECT = """
SELECT seq, id, topic, key, type, source, subject, time, dataschema, payload, traceparent, tracestate,
       extract(epoch FROM clock_timestamp() - created_at)::float8 AS waited
FROM outbox ORDER BY seq LIMIT $1
"""


class PayloadTooLargeError(ValueError):
    """The event's data exceeds what the bus takes; the transaction fails instead of the relay."""


@dataclass(frozen=True)
class OutboxRow:
    """One event on its way out. `waited` is seconds since the row was written."""

    seq: int
    topic: str
    envelope: Envelope
    payload: bytes
    waited: float


async def add(connection: asyncpg.Connection, rows: Sequence[tuple[str, Envelope, bytes]]) -> None:
    """Write (topic, envelope, payload) rows. Raises `PayloadTooLargeError`."""
    for topic, _, payload in rows:
        if len(payload) > PAYLOAD_LIMIT:
            raise PayloadTooLargeError(f"{topic}: {len(payload)} bytes, at most {PAYLOAD_LIMIT}")
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
    await connection.execute(_INSERT, *map(list, columns))


def _row(record: asyncpg.Record) -> OutboxRow:
    envelope = Envelope(
        id=UUID(int=record["id"].int),
        type=record["type"],
        source=record["source"],
        time=record["time"],
        key=record["key"],
        subject=record["subject"],
        dataschema=record["dataschema"],
        trace=TraceContext(traceparent=record["traceparent"], tracestate=record["tracestate"]),
    )
    return OutboxRow(record["seq"], record["topic"], envelope, record["payload"], record["waited"])


async def fetch(connection: asyncpg.Connection, limit: int) -> list[OutboxRow]:
    """The oldest rows. There is no cursor: a lower `seq` that commits later is found the next time."""
    return [_row(record) for record in await connection.fetch(_SELECT, limit)]


async def remove(connection: asyncpg.Connection, seqs: Sequence[int]) -> None:
    """Forget rows that the bus has acknowledged."""
    await connection.execute("DELETE FROM outbox WHERE seq = ANY($1::bigint[])", list(seqs))
