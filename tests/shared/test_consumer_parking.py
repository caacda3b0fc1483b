"""Nothing in a record keeps it from being parked, or those behind it from flowing: trials C1 to C3."""

import hashlib
import random
from dataclasses import dataclass

import pytest
from aiokafka import AIOKafkaProducer, ConsumerRecord

from newsreel_events import MalformedError, notifier
from newsreel_runtime.consumer.consumer import Consumer
from newsreel_runtime.consumer.dead_letter_producer import DeadLetterProducer
from newsreel_runtime.consumer.parked_records import Parked
from newsreel_runtime.consumer.record import Place
from newsreel_runtime.database import Database
from newsreel_runtime.dlq.dead_letters import letter_of
from newsreel_runtime.kafka import connection_options
from newsreel_runtime.settings import Kafka
from newsreel_testing.bus import an_envelope, reading
from newsreel_testing.consumer_harness import (
    PARKED,
    ServiceDatabase,
    an_event,
    effects,
    newsreel,
    note,
    running,
    with_effects,
)
from newsreel_testing.databases import Databases
from newsreel_testing.wait_until import until

CHANCE = random.Random(1)


@dataclass(frozen=True)
class Odd:
    """A record that no consumer can read."""

    value: bytes | None = b"{broken"
    key: bytes | None = b"key"
    headers: tuple[tuple[str, bytes], ...] = ()
    timestamp: int | None = None


ODD = {
    "1.2 MB unpacked": Odd(value=b"{" + b"a" * 1_200_000),
    "8 MB unpacked": Odd(value=b"{" + b"a" * 8_000_000),
    "as large as Kafka takes": Odd(value=CHANCE.randbytes(1_048_000)),
    "large headers": Odd(headers=(("x", CHANCE.randbytes(1_047_900)),)),
    "a large key": Odd(key=CHANCE.randbytes(300_000)),
    "a key as large as Kafka takes": Odd(key=CHANCE.randbytes(1_047_900)),
    "a time before all times": Odd(timestamp=-(10**17)),
    "headers of our names": Odd(
        headers=(("dlq_original_offset", b"-1"), ("ce_type", b"a\x00"), ("dlq_left_out", b""))
    ),
    "an attribute that cannot be a moment": Odd(headers=(("ce_time", b"0001-01-01T00:00:00+14:00"),)),
}


@pytest.mark.parametrize("name", ODD)
async def test_it_is_parked_and_those_behind_it_flow(
    name: str, service_database: ServiceDatabase, kafka: Kafka
) -> None:
    odd = ODD[name]
    database = await with_effects(service_database)
    consumer = Consumer("identity", kafka, database)
    consumer.on(notifier.MailAcceptedV1, note)
    good = an_event()
    producer = AIOKafkaProducer(**connection_options(kafka), max_request_size=2**25, compression_type="gzip")
    async with producer, reading(kafka, [PARKED]) as parked, running(consumer):
        await producer.send_and_wait(
            notifier.MAIL,
            odd.value,
            odd.key,
            partition=0,
            headers=list(odd.headers),
            timestamp_ms=odd.timestamp,
        )
        await producer.send_and_wait(
            notifier.MAIL,
            good.model_dump_json().encode(),
            good.key.encode(),
            partition=0,
            headers=an_envelope(good).headers(),
        )
        await until(lambda: effects(database, good.key), "the effect of the record behind it")
        assert consumer.why_not_ready() is None
        [record, *_] = await until(lambda: parked.at_least(1), "the dead letter")
    assert (record.key, record.value, record.headers[: len(odd.headers)]) == (odd.key, odd.value, odd.headers)
    async with database.read() as sql:
        assert [tuple(row) for row in await sql.fetch("SELECT sent FROM parked_record")] == [(True,)]


async def test_what_the_dead_letter_topic_does_not_take_goes_without_its_value(kafka: Kafka) -> None:
    """From a topic that takes more than its dead letter topic does."""
    dead_letters = DeadLetterProducer(kafka, "identity")
    value, headers = (
        CHANCE.randbytes(2_000_000),
        (("ce_type", b"t"), ("ce_id", b"x" * 1100), ("foreign", b"")),
    )
    record = ConsumerRecord(notifier.MAIL, 0, 5, 0, 0, b"k" * 600, value, None, 600, len(value), headers)
    async with reading(kafka, [PARKED]) as parked:
        for _ in range(2):
            await dead_letters.park(Parked(record, Place(notifier.MAIL, 0, 5), MalformedError("x"), 1))
        [first, second] = await until(lambda: parked.at_least(2), "the dead letters")
    await dead_letters.close()
    letter = letter_of(first)
    assert letter is not None
    assert (letter.place, letter.value, letter.headers) == (
        Place(notifier.MAIL, 0, 5),
        None,
        (("ce_type", b"t"),),
    )
    assert letter.left_out == f"2000000 bytes, sha256 {hashlib.sha256(value).hexdigest()}"
    assert letter.key == second.key == hashlib.sha256(b"k" * 600).digest()


async def test_a_dead_letter_topic_of_fewer_partitions_takes_it_in_another(kafka: Kafka) -> None:
    """Trial C3: a topic that was given more partitions than its dead letter topic."""
    dead_letters = DeadLetterProducer(kafka, "identity")
    record = ConsumerRecord(notifier.MAIL, 7, 5, 0, 0, b"key", b"{", None, 3, 1, ())
    async with reading(kafka, [PARKED]) as parked:
        await dead_letters.park(Parked(record, Place(notifier.MAIL, 7, 5), MalformedError("x"), 1))
        [letter] = await until(lambda: parked.at_least(1), "the dead letter")
    await dead_letters.close()
    assert (letter.value, letter.partition) == (b"{", 7 % 3)


async def test_what_has_no_value_in_the_dead_letters_is_shown_and_dropped(
    databases: Databases, kafka: Kafka
) -> None:
    """Trials C1 to C3: parked rows that no command showed held their keys for ever."""
    async with databases.fresh("newsreel_runtime") as postgres, Database.open(postgres) as database:
        async with database.read() as sql:
            await sql.execute(
                """
                INSERT INTO parked_record (consumer, topic, partition, "offset", key, behind, exception_type,
                                           exception_message, attempts)
                VALUES ('identity', $1, 0, 999999999, 'k', false, 'X', 'y', 1)
                """,
                notifier.MAIL,
            )
        place = f"{notifier.MAIL}-0@999999999"
        listed = await newsreel(kafka, postgres, "dlq", "ls", "--group", "identity")
        assert f"{place} " in listed.out
        assert "not sent yet" in listed.out
        replayed = await newsreel(kafka, postgres, "dlq", "replay", "--group", "identity", place)
        assert (replayed.code, "no value here" in replayed.err) == (1, True)
        dropped = await newsreel(kafka, postgres, "dlq", "drop", "--group", "identity", place)
        assert dropped.code == 0
        async with database.read() as sql:
            assert await sql.fetchval("SELECT count(*) FROM parked_record") == 0
