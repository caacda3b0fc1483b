"""The places where data comes to rest: tables, topics and files, as bytes with a name each."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import asyncpg
from aiokafka import AIOKafkaConsumer

from newsreel_events import TOPICS
from newsreel_local.secrets_file import DATABASE_OWNERS
from newsreel_local.stack import RunningStack
from newsreel_runtime.kafka import connection_options
from newsreel_runtime.settings import Kafka
from newsreel_testing.bus import partitions

Place: TypeAlias = tuple[str, bytes]
Connect: TypeAlias = Callable[[str], Awaitable[asyncpg.Connection]]
_WATCH = """
CREATE TABLE IF NOT EXISTS outbox_seen AS TABLE outbox WITH NO DATA;
CREATE OR REPLACE FUNCTION see_outbox() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO outbox_seen SELECT NEW.*; RETURN NULL; END $$;
CREATE OR REPLACE TRIGGER see_outbox AFTER INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION see_outbox();
"""
_DATABASES = "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate ORDER BY datname"
# All but the system's own; a partitioned table is its partitions. Bytes come as bytes, text as text, all
# else as JSON: the text of a row would escape once more.
_TABLES = """
SELECT n.nspname AS schema, c.relname AS name,
       array_agg(CASE a.atttypid WHEN 'bytea'::regtype THEN quote_ident(a.attname)
                 ELSE format('to_jsonb(%I) #>> ''{}''', a.attname) END) AS columns
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'm') AND n.nspname !~ '^(pg_|information_schema$)'
GROUP BY n.nspname, c.relname ORDER BY n.nspname, c.relname
"""


def connecting(stack: RunningStack) -> Connect:
    """A connection of the administrator to one of its databases, which the caller closes."""

    async def connect(database: str) -> asyncpg.Connection:
        return await asyncpg.connect(
            host="127.0.0.1",
            port=stack.ports["postgres"],
            user="postgres",
            password=stack.layout.secrets.postgres_admin,
            database=database,
        )

    return connect


def administrator(stack: RunningStack) -> Kafka:
    """The settings of a client that may read every topic."""
    return Kafka.model_validate(stack.layout.group("NEWSREEL_KAFKA_", stack.layout.kafka("admin")))


async def watch_outboxes(stack: RunningStack) -> None:
    """Keep a copy of each outbox row from now on: the relay removes the originals within milliseconds."""
    for database in DATABASE_OWNERS:
        connection = await connecting(stack)(database)
        try:
            await connection.execute(_WATCH)
            await connection.execute(f"ALTER TABLE outbox_seen OWNER TO {database}")
        finally:
            await connection.close()


async def tables(connect: Connect) -> AsyncIterator[Place]:
    """Every row of every table of every database, as text, and its binary columns as they are.

    The rows of an outbox belong to the topic that they go to.
    """
    connection = await connect("postgres")
    try:
        names = [row["datname"] for row in await connection.fetch(_DATABASES)]
    finally:
        await connection.close()
    for database in names:
        connection = await connect(database)
        try:
            for table in await connection.fetch(_TABLES):
                async for place in _rows(connection, database, table):
                    yield place
        finally:
            await connection.close()


async def _rows(connection: asyncpg.Connection, database: str, table: asyncpg.Record) -> AsyncIterator[Place]:
    schema, name = table["schema"], table["name"]
    everything = f'SELECT {", ".join(table["columns"])} FROM "{schema}"."{name}"'  # noqa: S608 (the catalog's)
    if not name.startswith("outbox"):
        yield f"table {database}.{name}", _content(await connection.fetch(everything))
        return
    for topic in TOPICS:
        rows = await connection.fetch(f"{everything} WHERE topic = $1", topic.name)
        yield f"outbox of {topic.name}", _content(rows)


def _content(rows: Sequence[asyncpg.Record]) -> bytes:
    return b"\n".join(_bytes(value) for row in rows for value in row)


def _bytes(value: str | bytes | None) -> bytes:
    return value.encode() if isinstance(value, str) else value or b""


async def records(kafka: Kafka, names: Sequence[str] | None = None) -> AsyncIterator[Place]:
    """Every record of these topics, or of all that there are: key, value and headers."""
    async with AIOKafkaConsumer(auto_offset_reset="earliest", **connection_options(kafka)) as consumer:
        for name in sorted(await consumer.topics()) if names is None else names:
            parts = await partitions(kafka, [name])
            consumer.assign(parts)
            ends = await consumer.end_offsets(parts)
            taken: list[bytes] = []
            while any([await consumer.position(part) < end for part, end in ends.items()]):
                for fetched in (await consumer.getmany(timeout_ms=200)).values():
                    for record in fetched:
                        headers = [key.encode() + b"=" + (value or b"") for key, value in record.headers]
                        taken.append(b" ".join([record.key or b"", record.value or b"", *headers]))
            yield f"topic {name}", b"\n".join(taken)


def files(kind: str, folder: Path, pattern: str = "*") -> Iterator[Place]:
    """The files of a folder and of those in it; all have one name."""
    for path in sorted(folder.rglob(pattern)):
        if path.is_file():
            yield kind, path.read_bytes()


def logs(folder: Path) -> Iterator[Place]:
    """Each log by its name, with those that were rotated away."""
    for path in sorted(folder.iterdir()):
        yield f"log {path.name.partition('.')[0]}", path.read_bytes()
