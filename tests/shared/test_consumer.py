"""Consumer: effects once, poison parked byte for byte, the rest flows on."""

from uuid import uuid4

from newsreel_events import Envelope, notifier
from newsreel_runtime.consumer.consumer import Consumer
from newsreel_runtime.settings import Kafka
from newsreel_runtime.transaction import Tx
from newsreel_testing.bus import foreign_producer, reading, send
from newsreel_testing.consumer_harness import (
    PARKED,
    ServiceDatabase,
    an_event,
    effects,
    note,
    running,
    with_effects,
)
from newsreel_testing.wait_until import until


async def test_a_doubled_record_has_one_effect(service_database: ServiceDatabase, kafka: Kafka) -> None:
    database = await with_effects(service_database)
    consumer = Consumer("identity", kafka, database)
    consumer.on(notifier.MailAcceptedV1, note)
    doubled, last = an_event(), an_event()
    async with foreign_producer(kafka) as producer, running(consumer):
        envelope = await send(producer, doubled)
        await send(producer, doubled, envelope)
        await send(producer, doubled, envelope)
        await send(producer, last)
        await until(lambda: effects(database, last.key), "the last effect")
        assert await until(lambda: effects(database, doubled.key), "the effect") == 1


async def test_poison_is_parked_byte_for_byte_and_blocks_nobody(
    service_database: ServiceDatabase, kafka: Kafka
) -> None:
    database = await with_effects(service_database)
    consumer = Consumer("identity", kafka, database)
    consumer.on(notifier.MailAcceptedV1, note)
    good = an_event()
    headers = [("ce_specversion", b"1.0"), ("foreign", b"\xff\xfe"), ("nothing", b"")]
    async with foreign_producer(kafka) as producer, reading(kafka, [PARKED]) as parked, running(consumer):
        await producer.send_and_wait(notifier.MAIL, b"{broken", key=b"\xff", headers=headers)
        await send(producer, good)
        await until(lambda: effects(database, good.key), "the effect of the good record")
        record = (await until(lambda: parked.at_least(1), "the parked record"))[0]
    assert (record.key, record.value) == (b"\xff", b"{broken")
    assert list(record.headers[:3]) == headers
    added = dict(record.headers[3:])
    assert added["dlq_original_topic"] == notifier.MAIL.encode()
    assert added["dlq_exception_type"] == b"MalformedError"
    assert added["dlq_attempts"] == b"1"


async def test_a_handler_that_always_fails_parks_its_record_alone(
    service_database: ServiceDatabase, kafka: Kafka
) -> None:
    database = await with_effects(service_database)
    bad, good = an_event(), an_event()

    async def fail_for_one(tx: Tx, event: notifier.MailAcceptedV1, envelope: Envelope) -> None:
        await note(tx, event, envelope)
        if event.reference_id == bad.reference_id:
            raise RuntimeError("personal data must not travel in the reason")

    consumer = Consumer("identity", kafka, database)
    consumer.on(notifier.MailAcceptedV1, fail_for_one)
    async with foreign_producer(kafka) as producer, reading(kafka, [PARKED]) as parked, running(consumer):
        await send(producer, bad)
        await send(producer, good)
        await until(lambda: effects(database, good.key), "the effect of the good record")
        record = (await until(lambda: parked.at_least(1), "the parked record"))[0]
        assert await effects(database, bad.key) == 0
    assert record.key == bad.key.encode()
    assert dict(record.headers)["dlq_attempts"] == b"3"
    assert b"personal" not in b"".join(value for _, value in record.headers)


async def test_an_unknown_type_is_ignored(service_database: ServiceDatabase, kafka: Kafka) -> None:
    database = await with_effects(service_database)
    consumer = Consumer("identity", kafka, database)
    consumer.on(notifier.MailAcceptedV1, note)
    good = an_event()
    async with foreign_producer(kafka) as producer, reading(kafka, [PARKED]) as parked, running(consumer):
        headers = [
            ("ce_specversion", b"1.0"),
            ("ce_id", str(uuid4()).encode()),
            ("ce_type", b"newsreel.notifier.mail.opened.v9"),
            ("ce_source", b"/newsreel/notifier"),
            ("ce_time", b"2026-01-01T00:00:00Z"),
        ]
        await producer.send_and_wait(notifier.MAIL, b"{}", key=b"k", headers=headers)
        await send(producer, good)
        await until(lambda: effects(database, good.key), "the effect of the good record")
        assert await parked.poll() == []


async def test_a_broken_database_pauses_and_loses_nothing(
    service_database: ServiceDatabase, kafka: Kafka
) -> None:
    database = await with_effects(service_database)
    consumer = Consumer("identity", kafka, database)
    event = an_event()
    failures = iter([ConnectionResetError(), ConnectionResetError()])

    async def fail_twice(tx: Tx, received_event: notifier.MailAcceptedV1, envelope: Envelope) -> None:
        if received_event == event and (failure := next(failures, None)):
            raise failure
        await note(tx, received_event, envelope)

    consumer.on(notifier.MailAcceptedV1, fail_twice)
    async with foreign_producer(kafka) as producer, reading(kafka, [PARKED]) as parked, running(consumer):
        await send(producer, event)
        assert await until(lambda: effects(database, event.key), "the effect after the pause") == 1
        assert await parked.poll() == []
        assert consumer.why_not_ready() is None
