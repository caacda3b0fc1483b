"""A relay whose producer is of no more use makes another one; a relay that stops sends what is under way."""

from collections.abc import Awaitable, Callable
from uuid import uuid4

from aiokafka import TopicPartition

from newsreel_local.kafka import KafkaServer
from newsreel_runtime.aiokafka_internals import cut_off, take_back_sequences
from newsreel_runtime.database import Database
from newsreel_runtime.producer import Producer, started_producer
from newsreel_runtime.publisher.kafka_sink import KafkaSink
from newsreel_runtime.publisher.relay import Relay
from newsreel_runtime.settings import Kafka
from newsreel_testing.relay_harness import emptied, firsts, frozen, make_topic, put, records_of, running
from newsreel_testing.wait_until import until

ServiceDatabase = Callable[[str], Awaitable[Database]]


async def test_a_producer_that_lost_count_is_replaced(
    service_database: ServiceDatabase, kafka: Kafka
) -> None:
    """aio-libs/aiokafka#1017: after OutOfOrderSequenceNumber a producer never recovers."""
    database = await service_database("newsreel_runtime")
    topic = f"relay.{uuid4()}"
    await make_topic(kafka, topic, partitions=1)
    producers: list[Producer] = []

    async def opened(settings: Kafka, client_id: str) -> KafkaSink:
        producers.append(await started_producer(settings, client_id))
        return KafkaSink(producers[-1])

    async with running(Relay(kafka, database, "test", open_sink=opened)):
        await put(database, topic, "k", b"1", b"2")
        await until(lambda: emptied(database), "the first events")
        take_back_sequences(producers[0], TopicPartition(topic, 0), -7)
        await put(database, topic, "k", b"3", b"4")
        await until(lambda: emptied(database), "the events after the fatal error")
    assert len(producers) == 2
    assert [r.value for r in await records_of(kafka, topic, 4, partitions=1)] == [b"1", b"2", b"3", b"4"]


async def test_a_dead_sender_is_replaced(service_database: ServiceDatabase, kafka: Kafka) -> None:
    database = await service_database("newsreel_runtime")
    topic = f"relay.{uuid4()}"
    await make_topic(kafka, topic, partitions=1)
    producers: list[Producer] = []

    async def opened(settings: Kafka, client_id: str) -> KafkaSink:
        producers.append(await started_producer(settings, client_id))
        return KafkaSink(producers[-1])

    async with running(Relay(kafka, database, "test", open_sink=opened)):
        await put(database, topic, "k", b"1")
        await until(lambda: emptied(database), "the first event")
        await cut_off(producers[0])
        await put(database, topic, "k", b"2")
        await until(lambda: emptied(database), "the event after the sender's end")
    assert [r.value for r in await records_of(kafka, topic, 2, partitions=1)] == [b"1", b"2"]


async def test_a_broker_that_is_killed_and_comes_back_gets_everything_in_order(
    service_database: ServiceDatabase, kafka: Kafka, kafka_server: KafkaServer
) -> None:
    database = await service_database("newsreel_runtime")
    topic = f"relay.{uuid4()}"
    await make_topic(kafka, topic)
    async with running(Relay(kafka, database, "test")):
        await put(database, topic, "a", b"1", b"2")
        await put(database, topic, "b", b"1", b"2")
        await kafka_server.kill()
        await put(database, topic, "a", b"3", b"4")
        await put(database, topic, "b", b"3", b"4")
        await kafka_server.start()
        await put(database, topic, "a", b"5")
        await put(database, topic, "b", b"5")
        await until(lambda: emptied(database), "an empty outbox", deadline=40)
    records = await records_of(kafka, topic, 10)
    for key in (b"a", b"b"):
        assert firsts([r.value for r in records if r.key == key]) == [b"1", b"2", b"3", b"4", b"5"]


async def test_a_producer_is_abandoned_at_once_though_kafka_is_silent(
    kafka: Kafka, kafka_server: KafkaServer
) -> None:
    producer = await KafkaSink.open(kafka, "test")
    with frozen(kafka_server.process):
        await producer.close(abandon=True)
