"""Topics that change below a consumer: partitions, codecs, deleted records, topics made anew."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic, RecordsToDelete
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, NumberDataPoint
from pydantic import SecretStr

from newsreel_events import catalog, identity, notifier
from newsreel_local.kafka import KafkaServer
from newsreel_runtime.consumer.consumer import Consumer
from newsreel_runtime.database import Database
from newsreel_runtime.kafka import connection_options
from newsreel_runtime.settings import Kafka
from newsreel_runtime.transaction import Tx
from newsreel_testing.bus import an_envelope, make_topics
from newsreel_testing.consumer_harness import (
    ServiceDatabase,
    an_event,
    effects,
    generations,
    note,
    running,
    with_effects,
)
from newsreel_testing.wait_until import free_port, until


@pytest.fixture(scope="module")
async def its_kafka(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Kafka]:
    """A Kafka of these tests alone, whose topics may be deleted."""
    folder: Path = tmp_path_factory.mktemp("kafka")
    server = KafkaServer(folder, free_port(), free_port(), {"broker": "secret", "admin": "secret"})
    await server.start()
    settings = Kafka(bootstrap=server.bootstrap, user="admin", password=SecretStr("secret"))
    await make_topics(settings)
    yield settings
    await server.stop()


@asynccontextmanager
async def administering(kafka: Kafka) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(**connection_options(kafka))
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def add_partitions(kafka: Kafka, topic: str, count: int) -> None:
    async with administering(kafka) as admin:
        await admin.create_partitions({topic: NewPartitions(count)})


async def make_anew(kafka: Kafka, topic: str, partitions: int = 3) -> None:
    async with administering(kafka) as admin:
        await admin.delete_topics([topic])

        async def made() -> bool:
            answer = await admin.create_topics([NewTopic(topic, partitions, 1)])
            return all(code == 0 for _, code, *_ in answer.topic_errors)

        await until(made, "the topic, made anew")


@asynccontextmanager
async def producing(kafka: Kafka, compression: str | None = None) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(
        **connection_options(kafka), compression_type=compression, metadata_max_age_ms=500
    )
    async with producer:
        yield producer


async def put(
    kafka: Kafka, *events: notifier.MailAcceptedV1, partition: int = 0, compression: str | None = None
) -> None:
    """Leave `events` in one partition."""
    async with producing(kafka, compression) as producer:
        for event in events:
            await producer.send_and_wait(
                notifier.MAIL,
                event.model_dump_json().encode(),
                event.key.encode(),
                partition=partition,
                headers=an_envelope(event).headers(),
            )


def new_consumer(kafka: Kafka, database: Database, instance: str | None = None) -> Consumer:
    """A member of the group `identity`."""
    consumer = Consumer("identity", kafka.model_copy(update={"instance": instance}), database)
    consumer.on(notifier.MailAcceptedV1, note)
    return consumer


async def took_effect(database: Database, events: Sequence[notifier.MailAcceptedV1]) -> None:
    """Wait for one effect of each of `events`."""
    for event in events:
        await until(lambda event=event: effects(database, event.key), "its effect", deadline=30)  # type: ignore[misc]
    assert [await effects(database, event.key) for event in events] == [1] * len(events)


def counted(reader: InMemoryMetricReader, name: str) -> float:
    """The sum of a counter's points."""
    data = reader.get_metrics_data()
    assert data is not None
    return sum(
        point.value
        for resource in data.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
        if metric.name == name
        for point in metric.data.data_points
        if isinstance(point, NumberDataPoint)
    )


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
async def test_every_codec_of_kafka_is_read(
    codec: str, service_database: ServiceDatabase, its_kafka: Kafka
) -> None:
    """Trial C4."""
    database, event = await with_effects(service_database), an_event()
    async with running(new_consumer(its_kafka, database)):
        await put(its_kafka, event, compression=codec)
        await took_effect(database, [event])


async def test_a_consumer_whose_fetches_fail_is_not_ready_and_loses_nothing(
    service_database: ServiceDatabase, its_kafka: Kafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trial C4: a batch that cannot be unpacked, behind one that can, beside other partitions."""
    database, events = await with_effects(service_database), [an_event() for _ in range(9)]
    for number in range(3):
        await put(its_kafka, *events[number * 2 : number * 2 + 2], partition=number)
    for number in range(3):
        await put(its_kafka, events[6 + number], partition=number, compression="zstd" if number else None)
    consumer, stopping = new_consumer(its_kafka, database), asyncio.Event()
    monkeypatch.setattr("aiokafka.codec.cramjam", None)  # as if the codec were not installed
    task = asyncio.create_task(consumer.run(stopping))

    async def says(reason: str | None) -> bool:
        return consumer.why_not_ready() == reason

    try:
        await until(lambda: says("identity: fetches fail: UnsupportedCodecError"), "that it says so")
        assert consumer.why_not_alive() is None
        monkeypatch.undo()
        await took_effect(database, events)
        await until(lambda: says(None), "readiness")
    finally:
        stopping.set()
        await task


async def test_a_partition_that_is_added_is_assigned(
    service_database: ServiceDatabase, its_kafka: Kafka
) -> None:
    """Trial C5: also to a static member that restarted, and knows nothing of leading its group."""
    database, events = await with_effects(service_database), [an_event() for _ in range(3)]
    async with running(new_consumer(its_kafka, database, "added")):
        pass
    await add_partitions(its_kafka, notifier.MAIL, 4)
    await put(its_kafka, events[0], partition=3)
    consumer = new_consumer(its_kafka, database, "added")
    async with running(consumer):
        await took_effect(database, events[:1])
    async with running(new_consumer(its_kafka, database, "added")):
        await add_partitions(its_kafka, notifier.MAIL, 6)
        await put(its_kafka, events[1], partition=4)
        await put(its_kafka, events[2], partition=5)
        await took_effect(database, events)


async def test_a_topic_that_is_subscribed_later_is_assigned(
    service_database: ServiceDatabase, its_kafka: Kafka
) -> None:
    """Trial C5: a static member of a new version, whose stored assignment is that of the old one."""
    database = await service_database("newsreel_runtime")
    forgotten: list[str] = []

    async def forget(tx: Tx, key: str) -> None:
        forgotten.append(key)

    kafka = its_kafka.model_copy(update={"instance": "subscribed"})
    old, new = (Consumer("delivery", kafka, database) for _ in range(2))
    for consumer, topics in ((old, [identity.ACCOUNT]), (new, [identity.ACCOUNT, catalog.VIDEO])):
        for topic in topics:
            consumer.on_tombstone(topic, forget)
    async with running(old):
        pass
    async with producing(its_kafka) as producer:
        await producer.send_and_wait(catalog.VIDEO, None, b"video", partition=2)

    async def forgot() -> bool:
        return bool(forgotten)

    async with running(new):
        await until(forgot, "the tombstone of the new topic", deadline=30)
    assert forgotten == ["video"]


@pytest.mark.parametrize("instance", [None, "anew"])
async def test_a_topic_that_is_made_anew_is_read_from_its_start(
    instance: str | None, service_database: ServiceDatabase, its_kafka: Kafka
) -> None:
    """Trials C16 and C8: within seconds, and with records at places that had others."""
    database = await with_effects(service_database)
    before, after = [[an_event() for _ in range(count)] for count in (3, 9)]
    async with running(new_consumer(its_kafka, database, instance)):
        pass  # a static member that comes back does not know that it leads its group
    consumer = new_consumer(its_kafka, database, instance)
    async with running(consumer):
        await put(its_kafka, *before)
        await took_effect(database, before)
        await make_anew(its_kafka, notifier.MAIL)
        await put(its_kafka, *after)
        await took_effect(database, after)

        async def ready() -> bool:
            return consumer.why_not_ready() is None

        await until(ready, "readiness")


async def test_a_topic_that_is_deleted_is_missed_and_found_again(
    service_database: ServiceDatabase, its_kafka: Kafka
) -> None:
    """Trial C16."""
    database, event = await with_effects(service_database), an_event()
    consumer = new_consumer(its_kafka, database)
    missing = f"identity waits for topics that do not exist: {notifier.MAIL}"

    async def says_so() -> bool:
        return consumer.why_not_ready() == missing

    async with running(consumer), administering(its_kafka) as admin:
        await admin.delete_topics([notifier.MAIL])
        await until(says_so, "that it is missed")
        await admin.create_topics([NewTopic(notifier.MAIL, 3, 1)])
        await put(its_kafka, event)
        await took_effect(database, [event])


@pytest.mark.parametrize("instance", [None, "deleted"])
async def test_records_that_were_deleted_before_they_were_read_are_told(
    instance: str | None,
    service_database: ServiceDatabase,
    its_kafka: Kafka,
    caplog: pytest.LogCaptureFixture,
    reader: InMemoryMetricReader,
) -> None:
    """Trial C7."""
    database, first, last = await with_effects(service_database), an_event(), an_event()
    reference = UUID(int=uuid4().int)
    async with running(new_consumer(its_kafka, database, instance)):
        await put(its_kafka, first)
        await took_effect(database, [first])
    await put(its_kafka, *(an_event(reference, generation) for generation in range(1, 6)))
    part = TopicPartition(notifier.MAIL, 0)
    async with administering(its_kafka) as admin:
        await admin.delete_records({part: RecordsToDelete(-1)})
    caplog.set_level(logging.ERROR)
    async with running(new_consumer(its_kafka, database, instance)):
        await put(its_kafka, last)
        await took_effect(database, [last])
    assert await generations(database, str(reference)) == []
    said = f"{notifier.MAIL}-0: 5 records were deleted before they were read"
    assert [line for line in caplog.messages if line.startswith(said)]
    assert counted(reader, "messaging.consumer.deleted.messages") == 5 * (1 if instance is None else 2)


async def test_places_of_a_topic_that_is_made_anew_are_new_places(
    service_database: ServiceDatabase, its_kafka: Kafka, caplog: pytest.LogCaptureFixture
) -> None:
    """Trial C8: what was parked, or erased, at a place before is not what stands there now."""
    database, good, erased = await with_effects(service_database), an_event(), []

    async def forget(tx: Tx, key: str) -> None:
        erased.append(key)

    async def rows() -> list[tuple[bool, int]] | None:
        async with database.read() as sql:
            found = await sql.fetch('SELECT sent, partition FROM parked_record ORDER BY partition, "offset"')
        return [tuple(row) for row in found]

    consumer = new_consumer(its_kafka, database)
    consumer.on_tombstone(notifier.MAIL, forget)
    await make_anew(its_kafka, notifier.MAIL)
    async with running(consumer):
        for turn in range(2):
            async with producing(its_kafka) as producer:
                await producer.send_and_wait(notifier.MAIL, None, b"key", partition=2)
                await producer.send_and_wait(notifier.MAIL, b"{poison", b"a", partition=1)
                if turn == 0:
                    await producer.send_and_wait(notifier.MAIL, b"{poison", b"b", partition=0)

            async def parked(number: int = turn) -> bool:
                return len(erased) == number + 1 and await rows() == [(True, 0), (True, 1)]

            await until(parked, "the parked ones and the erased key", deadline=30)
            if turn == 0:
                await make_anew(its_kafka, notifier.MAIL)
                await put(its_kafka, good, partition=0)
        await took_effect(database, [good])
        said = f"{notifier.MAIL}-1@0 was parked before its topic was made anew: that record is given up"

        async def replaced() -> bool:
            return said in caplog.messages

        await until(replaced, "that the second one took the place of the first")
    assert erased == ["key", "key"]
