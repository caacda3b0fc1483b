"""What Kafka refuses ends among the dead, and its key waits; all others go on, and nothing else dies."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import uuid4

from newsreel_runtime.database import Database
from newsreel_runtime.publisher import outbox_dead
from newsreel_runtime.publisher.outbox_dead import Dead
from newsreel_runtime.publisher.relay import Relay
from newsreel_runtime.settings import Kafka
from newsreel_testing.memory_kafka import MemoryKafka, MemorySink
from newsreel_testing.relay_harness import delete_topic, emptied, firsts, make_topic, put, records_of, running
from newsreel_testing.wait_until import until

ServiceDatabase = Callable[[str], Awaitable[Database]]
NOWHERE = Kafka(bootstrap="nowhere:1")


async def the_dead(database: Database) -> list[Dead]:
    async with database.read() as connection:
        return await outbox_dead.listed(connection)


async def test_a_row_that_is_too_large_dies_and_its_key_waits(
    service_database: ServiceDatabase, kafka: Kafka
) -> None:
    database = await service_database("newsreel_runtime")
    topic = f"relay.{uuid4()}"
    await make_topic(kafka, topic, limit=2000)
    await put(database, topic, "sick", b"first", b"x" * 5000, b"second")
    for number in range(10):
        await put(database, topic, f"well {number}", b"1", b"2")
    async with running(Relay(kafka, database, "test")):
        (dead,) = await until(lambda: the_dead(database), "the dead row")
        records = await records_of(kafka, topic, 21)
        assert (dead.topic, dead.key, dead.size, dead.attempts) == (topic, "sick", 5000, 5)
        assert dead.reason == "MessageSizeTooLargeError"
        assert dead.waiting == 1
        assert [r.value for r in records if r.key == b"sick"] == [b"first"]
        async with database.read() as connection:
            assert await outbox_dead.drop(connection, [dead.id, uuid4()]) == [dead.id]
        await until(lambda: emptied(database), "the row that waited behind the dropped one")
    values = [r.value for r in await records_of(kafka, topic, 22) if r.key == b"sick"]
    assert values == [b"first", b"second"]


async def test_a_topic_that_does_not_exist_holds_nobody_else_and_kills_no_row(
    service_database: ServiceDatabase, kafka: Kafka
) -> None:
    """Trial C9: a refusal of the destination was charged to each row."""
    database = await service_database("newsreel_runtime")
    absent, there = f"relay.{uuid4()}", f"relay.{uuid4()}"
    await make_topic(kafka, there)
    await put(database, absent, "k", b"1", b"2", b"3")
    await put(database, there, "k", b"1")
    relay = Relay(kafka, database, "test")
    async with running(relay):
        assert [r.value for r in await records_of(kafka, there, 1)] == [b"1"]

        async def refused() -> bool:
            return (
                relay.why_not_ready()
                == f"Kafka refuses the events of {absent} (UnknownTopicOrPartitionError)"
            )

        await until(refused, "the reason")
        await put(database, absent, "k", b"4")
        await put(database, there, "k", b"2")
        assert [r.value for r in await records_of(kafka, there, 2)] == [b"1", b"2"]
        await make_topic(kafka, absent)
        await until(lambda: emptied(database), "an empty outbox")
        assert relay.why_not_ready() is None
        assert await the_dead(database) == []
    assert [r.value for r in await records_of(kafka, absent, 4)] == [b"1", b"2", b"3", b"4"]


async def test_a_topic_that_goes_and_comes_back_kills_no_row(
    service_database: ServiceDatabase, kafka: Kafka
) -> None:
    """Trial C9: a topic was gone for 8 s; here, until the relay has said so."""
    database = await service_database("newsreel_runtime")
    topic, other = f"relay.{uuid4()}", f"relay.{uuid4()}"
    await make_topic(kafka, topic)
    await make_topic(kafka, other)
    relay = Relay(kafka, database, "test")
    async with running(relay):
        await put(database, topic, "k", b"before")
        await until(lambda: emptied(database), "the first event")
        await delete_topic(kafka, topic)
        await put(database, topic, "k", *(b"%d" % number for number in range(20)))

        async def refused() -> bool:
            return topic in (relay.why_not_ready() or "")

        await until(refused, "the reason", deadline=60)
        await put(database, other, "k", b"beside")
        assert [r.value for r in await records_of(kafka, other, 1)] == [b"beside"]
        await make_topic(kafka, topic)
        await until(lambda: emptied(database), "an empty outbox", deadline=60)
        assert await the_dead(database) == []
    values = [r.value for r in await records_of(kafka, topic, 20)]
    assert firsts([value for value in values if value]) == [b"%d" % number for number in range(20)]


async def test_a_row_that_comes_while_its_key_is_held_waits_too(service_database: ServiceDatabase) -> None:
    database = await service_database("newsreel_runtime")
    bus = MemoryKafka(topics={"t": 1}, limits={"t": 100})
    await put(database, "t", "sick", b"x" * 500)
    async with running(Relay(NOWHERE, database, "test", open_sink=bus.open)):

        async def sending_more() -> list[Dead]:
            await put(database, "t", "sick", b"later")
            await put(database, "t", "well", b"1")
            return await the_dead(database)

        await until(sending_more, "the dead row")
        await until(lambda: _is_sent(bus, "well"), "the other key")
        assert bus.values("t", "sick") == []
        bus.limits["t"] = 1000
        (dead,) = await the_dead(database)
        async with database.read() as connection:
            await outbox_dead.retry(connection, [dead.id])
        await until(lambda: emptied(database), "an empty outbox")
    values = bus.values("t", "sick")
    assert values == [b"x" * 500] + [b"later"] * (len(values) - 1)
    assert len(values) > 1


async def _is_sent(bus: MemoryKafka, key: str) -> bool:
    return bool(bus.values("t", key))


async def test_what_passes_by_itself_kills_no_row(service_database: ServiceDatabase) -> None:
    database = await service_database("newsreel_runtime")
    bus = MemoryKafka(topics={"t": 2}, fatal=2, lost_acks=2)
    await put(database, "t", "k", b"1", b"2", b"3")
    async with running(Relay(NOWHERE, database, "test", open_sink=bus.open)):
        await until(lambda: emptied(database), "an empty outbox")
    assert await the_dead(database) == []
    assert list(dict.fromkeys(bus.values("t", "k"))) == [b"1", b"2", b"3"]
    assert bus.opened == 5  # one for each failure, and the one that did it


async def test_a_kafka_that_is_away_is_waited_for(service_database: ServiceDatabase) -> None:
    database = await service_database("newsreel_runtime")
    bus = MemoryKafka(topics={"t": 2}, away=True)
    tries = 0

    async def opened(kafka: Kafka, client_id: str) -> MemorySink:
        nonlocal tries
        tries += 1
        if tries == 3:
            bus.away = False
        return await bus.open(kafka, client_id)

    await put(database, "t", "k", b"1")
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with running(Relay(NOWHERE, database, "test", open_sink=opened)):
        await until(lambda: emptied(database), "an empty outbox")
    assert tries == 3
    assert loop.time() - began >= 0.1 + 0.25  # the pauses grow
    assert await the_dead(database) == []
