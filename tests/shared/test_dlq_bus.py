"""What parking and replay rely on, held against the real Kafka and the one in memory of the state machine."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord

from newsreel_events import MalformedError
from newsreel_events.topics import TOPICS
from newsreel_runtime.consumer.dead_letter_producer import DeadLetterProducer, DeadLetterSink
from newsreel_runtime.consumer.parked_records import Parked
from newsreel_runtime.consumer.record import Place, Record
from newsreel_runtime.dlq.replay import DeadLetters, KafkaDeadLetters
from newsreel_runtime.kafka import connection_options
from newsreel_runtime.settings import Kafka
from newsreel_testing.memory_bus import MemoryBus

MAIL = next(topic for topic in TOPICS if topic.name == "notifier.mail.v1")
GROUP = "identity"


class Real:
    """Kafka."""

    def __init__(self, kafka: Kafka) -> None:
        self.dead_letters: DeadLetterSink = DeadLetterProducer(kafka, GROUP)
        self.letters = KafkaDeadLetters(kafka, GROUP)
        self._kafka = kafka

    async def replayed(self, key: bytes) -> list[Record]:
        name = MAIL.replayed(GROUP)
        consumer = AIOKafkaConsumer(name, auto_offset_reset="earliest", **connection_options(self._kafka))
        found: list[Record] = []
        async with consumer:
            ends = await consumer.end_offsets(consumer.assignment())
            while any([await consumer.position(part) < end for part, end in ends.items()]):
                fetched = await consumer.getmany(timeout_ms=200)
                found += [record for records in fetched.values() for record in records if record.key == key]
        return found

    async def close(self) -> None:
        await self.dead_letters.close()
        await self.letters.aclose()


class Memory:
    """The one in memory."""

    def __init__(self) -> None:
        self._bus = MemoryBus(MAIL, GROUP)
        self.dead_letters: DeadLetterSink = self._bus
        self.letters: DeadLetters = self._bus

    async def replayed(self, key: bytes) -> list[Record]:
        return [row for row in self._bus.fetch(1000) if row.key == key]

    async def close(self) -> None:
        """Nothing is open."""


@pytest.fixture(params=["memory", "kafka"])
async def bus(request: pytest.FixtureRequest, kafka: Kafka) -> AsyncIterator[Real | Memory]:
    made = Memory() if request.param == "memory" else Real(kafka)
    yield made
    await made.close()


def a_parked(key: bytes, offset: int, value: bytes | None = b"{\xff") -> Parked:
    headers = (("foreign", b"\xff\xfe"), ("none", None), ("foreign", b""))
    record = ConsumerRecord(MAIL.name, 1, offset, 1000, 0, key, value, None, 1, 1, headers)
    return Parked(record, Place(MAIL.name, 1, offset), MalformedError("broken"), 1)


async def test_a_parked_record_is_read_as_it_came(bus: Real | Memory) -> None:
    key = uuid4().bytes
    parked = a_parked(key, 7)
    await bus.dead_letters.park(parked)
    [letter] = [letter for letter in await bus.letters.read(MAIL) if letter.key == key]
    assert (letter.place, letter.value) == (parked.place, b"{\xff")
    assert tuple(letter.headers) == parked.record.headers
    assert letter.reason["dlq_exception_message"] == "broken"


async def test_two_copies_are_one_letter_and_the_order_is_that_of_the_topic(bus: Real | Memory) -> None:
    key = uuid4().bytes
    base = int.from_bytes(key[:4]) + 10
    for offset in (base + 2, base, base + 1, base):
        await bus.dead_letters.park(a_parked(key, offset))
    places = [letter.place.offset for letter in await bus.letters.read(MAIL) if letter.key == key]
    assert places == [base, base + 1, base + 2]


async def test_a_replay_is_byte_for_byte_and_in_order(bus: Real | Memory) -> None:
    key = uuid4().bytes
    for offset, value in ((3, b"\x00"), (4, None)):
        await bus.dead_letters.park(a_parked(key, offset, value))
    for letter in [letter for letter in await bus.letters.read(MAIL) if letter.key == key]:
        await bus.letters.send(letter, [("replay_id", b"x")])
    found = await bus.replayed(key)
    assert [record.value for record in found] == [b"\x00", None]
    assert {record.partition for record in found} == {1}
    assert [tuple(record.headers) for record in found] == [
        (("foreign", b"\xff\xfe"), ("none", None), ("foreign", b""), ("replay_id", b"x"))
    ] * 2
