"""Debezium drains the same table: record by record what the relay sends."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from aiokafka import ConsumerRecord

from newsreel_events.envelope import parse_envelope
from newsreel_local import connect
from newsreel_local.connect import ConnectWorker
from newsreel_local.ports import free_ports
from newsreel_local.process import StartError
from newsreel_runtime.database import Database
from newsreel_runtime.publisher.relay import Relay
from newsreel_runtime.settings import Kafka, Postgres
from newsreel_testing.bus import Record
from newsreel_testing.databases import Databases
from newsreel_testing.relay_harness import emptied, make_topic, records_of, running
from newsreel_testing.wait_until import until

_ROW = """
INSERT INTO outbox (id, topic, key, type, source, subject, time, dataschema, payload, traceparent, tracestate)
VALUES (gen_random_uuid(), $1, $2, 'newsreel.test.happened.v1', '/newsreel/test', $3,
        '2026-01-01T00:00:00.123456+00:00', $4, $5, $6, $7)
"""
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
ROWS: tuple[tuple[str, str | None, str | None, bytes | None, str | None, str | None], ...] = (
    ("plain", "test/1", "urn:newsreel:schema:newsreel.test.happened.v1", b'{"n":1}', TRACE, None),
    ("plain", None, None, b'{"n":2}', None, None),
    ("plain", "test/1", None, bytes(range(256)), TRACE, "vendor=value"),
    ("Київ:uk", "тест/1", None, '{"слово":"так"}'.encode(), TRACE, None),
    ("empty", None, None, b"", TRACE, None),
    ("zero", None, None, b"\0", TRACE, None),
    ("erased", "test/1", None, None, TRACE, None),
    ("large", None, None, b"x" * 4_000_000, TRACE, None),
)


@pytest.fixture(scope="module")
def _jars() -> None:
    try:
        connect.fetch_jars()
    except StartError as error:
        pytest.skip(f"Debezium cannot be had here: {error}")


@pytest.fixture
async def postgres(_jars: None, databases: Databases) -> AsyncIterator[Postgres]:
    """A database whose slot goes with it."""
    async with databases.fresh("newsreel_runtime") as settings:
        yield settings
        async with Database.open(settings) as database, database.read() as connection:
            await until(lambda: _slot_is_free(connection), "the end of the replication")
            await connection.execute(
                "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
                " WHERE database = current_database()"
            )


async def _slot_is_free(connection: asyncpg.Connection) -> bool:
    return not await connection.fetchval(
        "SELECT count(*) FROM pg_replication_slots WHERE active AND database = current_database()"
    )


def comparable(record: Record, *, without_null: bool = False) -> tuple[object, ...]:
    """Partition, key, value and every header, but the id, which every insert makes anew."""
    headers = sorted(
        (name, value)
        for name, value in record.headers
        if name != "ce_id" and not (without_null and value is None)
    )
    return record.partition, record.key, record.value, tuple(headers)


async def _write(database: Database, topic: str) -> None:
    for key, subject, dataschema, payload, traceparent, tracestate in ROWS:
        async with database.begin() as tx:
            await tx.sql.execute(_ROW, topic, key, subject, dataschema, payload, traceparent, tracestate)


async def test_debezium_sends_what_the_relay_sends(postgres: Postgres, kafka: Kafka, tmp_path: Path) -> None:
    ours, theirs = f"parity.{uuid4()}", f"parity.{uuid4()}"
    await make_topic(kafka, ours, limit=2**23)
    await make_topic(kafka, theirs, limit=2**23)
    async with Database.open(postgres) as database:
        async with database.read() as connection:
            await connection.execute(connect.PUBLICATION)
        async with running(Relay(kafka, database, "test")):
            await _write(database, ours)
            await until(lambda: emptied(database), "an empty outbox")
        worker = ConnectWorker(tmp_path, free_ports(1)[0], postgres, kafka)
        await worker.start()
        try:
            await _write(database, theirs)
            found = await records_of(kafka, theirs, len(ROWS))
        finally:
            await worker.stop()
    expected = await records_of(kafka, ours, len(ROWS))
    assert sorted(map(comparable, expected)) == sorted(
        comparable(record, without_null=True) for record in found
    )
    for record in found:
        parse_envelope(record.headers, record.key)  # readers take it as it is, null headers and all


def a_record(*headers: tuple[str, bytes | None]) -> Record:
    return ConsumerRecord("t", 0, 0, 0, 0, b"k", b"v", None, 1, 1, headers)


def test_a_difference_is_seen() -> None:
    one, other = a_record(("ce_type", b"t"), ("tracestate", None)), a_record(("ce_type", b"u"))
    assert comparable(one) != comparable(one, without_null=True)
    assert comparable(one, without_null=True) != comparable(other)
