"""Handlers that hand over rows: a batch shares round trips, and each record still has its own fate."""

from dataclasses import dataclass, field

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from newsreel_events import TOPICS, Envelope, EventData, notifier
from newsreel_runtime.consumer.consumer import Consumer
from newsreel_runtime.database import Database
from newsreel_runtime.settings import Kafka
from newsreel_runtime.transaction import Tx
from newsreel_testing.bus import Record, an_envelope
from newsreel_testing.consumer_harness import ServiceDatabase, an_event, generations, make_effects
from newsreel_testing.memory_bus import MemoryBus

MAIL = next(topic for topic in TOPICS if topic.name == notifier.MAIL)
ADD = "INSERT INTO effect (key, generation) VALUES ($1, $2)"
BOUNCED = "INSERT INTO bounced (key) VALUES ($1)"


@dataclass
class RowWriter:
    """A group `identity` on a bus in memory; each handler writes rows of its event's statement."""

    database: Database
    bus: MemoryBus = field(default_factory=lambda: MemoryBus(MAIL, "identity"))

    async def accepted(self, tx: Tx, event: notifier.MailAcceptedV1, envelope: Envelope) -> None:
        tx.write(ADD, envelope.key, event.generation)

    async def bounced(self, tx: Tx, event: notifier.MailBouncedV1, envelope: Envelope) -> None:
        tx.write(BOUNCED, envelope.key)

    def put(self, event: EventData, envelope: Envelope | None = None) -> Record:
        return self.bus.append(
            MAIL.name,
            0,
            event.key.encode(),
            event.model_dump_json().encode(),
            (envelope or an_envelope(event)).headers(),
        )

    async def take(self) -> None:
        """All that waits, as one batch."""
        consumer = Consumer("identity", Kafka(bootstrap="nowhere:1"), self.database, self.bus)
        consumer.on(notifier.MailAcceptedV1, self.accepted)
        consumer.on(notifier.MailBouncedV1, self.bounced)
        batch = self.bus.fetch(1000)
        await consumer.handle_batch(batch)
        self.bus.commit(batch)

    async def rows(self, table: str) -> list[str]:
        async with self.database.read() as connection:
            found = await connection.fetch(f"SELECT key FROM {table} ORDER BY n")  # noqa: S608 (the test's)
        return [row["key"] for row in found]


@pytest.fixture
async def writer(service_database: ServiceDatabase) -> RowWriter:
    database = await service_database("newsreel_runtime")
    await make_effects(database)
    async with database.read() as connection:
        await connection.execute(
            "CREATE TABLE bounced (n serial, key text); ALTER TABLE effect ADD CHECK (generation < 1000)"
        )
    return RowWriter(database)


def a_bounce() -> notifier.MailBouncedV1:
    return notifier.MailBouncedV1.model_validate(an_event().model_dump())


async def test_types_and_statements_mix_in_a_batch(writer: RowWriter) -> None:
    accepted, bounced = an_event(), [a_bounce(), a_bounce()]
    for event in (accepted, bounced[0], an_event(accepted.reference_id, 2), bounced[1]):
        writer.put(event)
    await writer.take()
    assert await generations(writer.database, accepted.key) == [1, 2]
    assert await writer.rows("bounced") == [event.key for event in bounced]


async def test_a_doubled_record_writes_one_row_within_a_batch_and_across_two(writer: RowWriter) -> None:
    event = an_event()
    envelope = an_envelope(event)
    for _ in range(3):
        writer.put(event, envelope)
    await writer.take()
    writer.put(event, envelope)
    await writer.take()
    assert await generations(writer.database, event.key) == [1]


async def test_a_row_that_fails_parks_its_record_alone(
    writer: RowWriter, exporter: InMemorySpanExporter
) -> None:
    first, poison, refused, bounced = (
        an_event(),
        an_event(generation=2**40),
        an_event(generation=1000),
        a_bounce(),
    )
    for event in (first, poison, refused, bounced, an_event(first.reference_id, 2)):
        writer.put(event)
    await writer.take()
    assert await generations(writer.database, first.key) == [1, 2]
    assert await writer.rows("bounced") == [bounced.key]
    parked = [(log.key, dict(log.headers)) for log in writer.bus.logs[MAIL.parked("identity"), 0]]
    assert [(key, headers["dlq_exception_type"], headers["dlq_attempts"]) for key, headers in parked] == [
        (poison.key.encode(), b"DataError", b"1"),
        (refused.key.encode(), b"CheckViolationError", b"3"),
    ]
    errors = [(span.attributes or {}).get("error.type") for span in exporter.get_finished_spans()]
    told = [error for error in errors if error is not None]
    assert told == ["DataError", *["CheckViolationError"] * 3], "a record alone writes within its span"
