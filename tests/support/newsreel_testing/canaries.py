"""Searching every place where data comes to rest for things that must not be there."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from newsreel_events import TOPICS
from newsreel_local.secrets_file import DATABASE_OWNERS
from newsreel_local.stack import RunningStack
from newsreel_runtime.kafka import connection_options
from newsreel_runtime.settings import Kafka

_PARTITIONS = TOPICS[0].partitions  # the same for all, parked ones included
_WATCH = """
CREATE TABLE IF NOT EXISTS outbox_seen AS TABLE outbox WITH NO DATA;
CREATE OR REPLACE FUNCTION see_outbox() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO outbox_seen SELECT NEW.*; RETURN NULL; END $$;
CREATE OR REPLACE TRIGGER see_outbox AFTER INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION see_outbox();
"""


@dataclass(frozen=True)
class Found:
    """Something that was found, and where."""

    what: str
    where: str


def search(canaries: dict[str, bytes], where: str, haystack: bytes) -> Iterator[Found]:
    """The canaries that are in it."""
    for what, canary in canaries.items():
        if canary in haystack:
            yield Found(what, where)


async def _connect(stack: RunningStack, database: str) -> asyncpg.Connection:
    return await asyncpg.connect(
        host="127.0.0.1",
        port=stack.ports["postgres"],
        user="postgres",
        password=stack.layout.secrets.postgres_admin,
        database=database,
    )


async def watch_outboxes(stack: RunningStack) -> None:
    """Keep a copy of each outbox row from now on: the relay removes the originals within milliseconds."""
    for database in DATABASE_OWNERS:
        connection = await _connect(stack, database)
        try:
            await connection.execute(_WATCH)
            await connection.execute(f"ALTER TABLE outbox_seen OWNER TO {database}")
        finally:
            await connection.close()


async def tables(stack: RunningStack) -> list[tuple[str, bytes]]:
    """Every row of every table, as text."""
    found = []
    for database in DATABASE_OWNERS:
        connection = await _connect(stack, database)
        try:
            names = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            for (name,) in names:
                rows = await connection.fetch(f'SELECT "{name}"::text AS row FROM "{name}"')  # noqa: S608 (ours)
                text = "\n".join(f"{row['row']}" for row in rows)
                payloads = await _payloads(connection, name)
                found.append((f"table {database}.{name}", text.encode() + payloads))
        finally:
            await connection.close()
    return found


async def _payloads(connection: asyncpg.Connection, table: str) -> bytes:
    if not table.startswith("outbox"):
        return b""
    rows = await connection.fetch(f'SELECT topic, payload FROM "{table}"')  # noqa: S608 (names of ours)
    return b"\n".join(row["topic"].encode() + b" " + (row["payload"] or b"") for row in rows)


async def records(stack: RunningStack, names: Iterable[str]) -> list[tuple[str, bytes]]:
    """Every record of some topics, headers included."""
    settings = Kafka(
        bootstrap=f"127.0.0.1:{stack.ports['kafka']}",
        user="admin",
        password=stack.layout.secrets.kafka["admin"],
    )
    found = []
    async with AIOKafkaConsumer(auto_offset_reset="earliest", **connection_options(settings)) as consumer:
        for name in names:
            parts = [TopicPartition(name, number) for number in range(_PARTITIONS)]
            consumer.assign(parts)
            ends = await consumer.end_offsets(parts)
            taken: list[bytes] = []
            while any([await consumer.position(part) < end for part, end in ends.items()]):
                for fetched in (await consumer.getmany(timeout_ms=200)).values():
                    for record in fetched:
                        headers = b" ".join(
                            key.encode() + b"=" + (value or b"") for key, value in record.headers
                        )
                        taken.append(b" ".join([record.key or b"", record.value or b"", headers]))
            found.append((name, b"\n".join(taken)))
    return found


async def topics(stack: RunningStack) -> list[tuple[str, bytes]]:
    """Every record of every topic of the table."""
    found = await records(stack, [topic.name for topic in TOPICS])
    return [(f"topic {name}", content) for name, content in found]


async def files(stack: RunningStack) -> list[tuple[str, bytes]]:
    """Every log and every span."""
    folders = {"log": stack.local.root / "logs", "span": stack.local.data("traces")}

    def read() -> list[tuple[str, bytes]]:
        return [
            (f"{kind} {path.name}", path.read_bytes())
            for kind, folder in folders.items()
            for path in sorted(folder.iterdir())
            if path.is_file()
        ]

    return await asyncio.to_thread(read)


def private(where: str) -> bool:
    """Whether an address may be here: identity's and the notifier's own tables, and the private topics."""
    allowed = [f"topic {topic.name}" for topic in TOPICS if not topic.public]
    own = ("table identity.", "table notifier.")
    return where in allowed or (where.startswith(own) and "outbox" not in where)


def everywhere(places: Iterable[tuple[str, bytes]], canaries: dict[str, bytes]) -> list[Found]:
    """All findings in all places."""
    return [found for where, content in places for found in search(canaries, where, content)]
