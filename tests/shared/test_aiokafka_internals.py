"""What we use inside aiokafka does what we think; each fails when a version changes it.

Others are held where they matter: answers that are looked at, tasks that failed and offsets that are refused
as a whole in `test_fetching_consumer`, refused batches in `test_relay_sink` and `test_relay_refusals`, a
sender that is cut off in `test_relay_recovery`, the assignment in `test_consumer_topics`, a new password in
`test_secret_files`.
"""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from newsreel_runtime import aiokafka_internals as internals
from newsreel_runtime.kafka import connection_options
from newsreel_runtime.settings import Kafka
from newsreel_testing.bus import foreign_producer
from newsreel_testing.relay_harness import make_topic
from newsreel_testing.wait_until import until


@pytest.fixture
async def topic(kafka: Kafka) -> str:
    name = f"internals.{uuid4()}"
    await make_topic(kafka, name, partitions=2)
    return name


@pytest.fixture
async def consumer(kafka: Kafka, topic: str) -> AsyncIterator[AIOKafkaConsumer]:
    """A member of a group of one."""
    assignor = internals.MarkedAssignor()
    member = AIOKafkaConsumer(
        group_id=topic,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        partition_assignment_strategy=(assignor,),
        **connection_options(kafka),
    )
    member.subscribe([topic])
    await member.start()
    member.assignor = assignor
    yield member
    await member.stop()


@pytest.mark.parametrize(
    ("key", "signed"),
    [(b"21", -973932308), (b"foobar", -790332482), (b"a-little-bit-long-string", -985981536)],
)
async def test_hashed_is_the_hash_of_every_client(kafka: Kafka, topic: str, key: bytes, signed: int) -> None:
    """The values of Kafka's own test of its hash (`UtilsTest.testMurmur2`)."""
    assert internals.hashed(key) == signed & 0x7FFFFFFF
    async with foreign_producer(kafka) as producer:
        record = await producer.send_and_wait(topic, b"", key=key)
    assert record.partition == internals.hashed(key) % 2


async def test_positions_are_those_that_are_read_next(
    kafka: Kafka, topic: str, consumer: AIOKafkaConsumer
) -> None:
    async with foreign_producer(kafka) as producer:
        await producer.send_and_wait(topic, b"", partition=1)

    async def read() -> bool:
        await consumer.getmany(timeout_ms=100)
        return internals.positions(consumer) == {TopicPartition(topic, 0): 0, TopicPartition(topic, 1): 1}

    await until(read, "both positions")
    unread = AIOKafkaConsumer(**connection_options(kafka))
    assert internals.positions(unread) == {}
    assert await internals.assigned_to_group(unread) is None
    await unread.stop()


async def test_a_rejoin_with_a_new_mark_makes_a_new_generation(
    topic: str, consumer: AIOKafkaConsumer
) -> None:
    async def all_assigned() -> bool:
        return await internals.assigned_to_group(consumer) == {TopicPartition(topic, n) for n in range(2)}

    await until(all_assigned, "the assignment as the coordinator has it")
    assert internals.group_of(consumer) == topic
    assert not internals.broken(consumer)
    before = consumer.assignment()
    internals.rejoin(consumer, consumer.assignor)

    async def anew() -> bool:
        """aiokafka makes a new set when it is assigned."""
        return consumer.assignment() is not before and await all_assigned()

    await until(anew, "the assignment after the rebalance")


async def test_a_topic_is_looked_up_without_waiting_for_it(kafka: Kafka, topic: str) -> None:
    producer = AIOKafkaProducer(**connection_options(kafka))
    async with producer:
        assert list(internals.partitions_of(producer, topic)) == []
        assert not await internals.look_up(producer, topic)
        assert set(internals.partitions_of(producer, topic)) == {0, 1}
        assert not await internals.look_up(producer, "nothing.of.that.name")
        assert list(internals.partitions_of(producer, "nothing.of.that.name")) == []


async def test_what_is_accumulated_fails_at_once_when_the_sender_is_cut_off(kafka: Kafka, topic: str) -> None:
    producer = AIOKafkaProducer(linger_ms=60_000, **connection_options(kafka))
    await producer.start()
    sent = await producer.send(topic, b"")
    await internals.cut_off(producer)
    with pytest.raises(KafkaError):
        await sent
    await producer.stop()
