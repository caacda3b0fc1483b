"""The relay: what was committed reaches Kafka, in the order of each key, with its headers."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID, uuid4

from newsreel_events import notifier, parse
from newsreel_runtime import outbox
from newsreel_runtime.relay import Relay
from newsreel_runtime.settings import Kafka
from newsreel_runtime.transaction import Database
from newsreel_testing.bus import reading
from newsreel_testing.databases import Databases
from newsreel_testing.waiting import until

ServiceDatabase = Callable[[str], Awaitable[Database]]


def an_event(reference: UUID, generation: int) -> notifier.MailAcceptedV1:
    return notifier.MailAcceptedV1(
        reference_id=reference, generation=generation, kind="signup_code", occurred_at=datetime.now(UTC)
    )


@asynccontextmanager
async def running(relay: Relay) -> AsyncIterator[None]:
    stopping = asyncio.Event()
    task = asyncio.create_task(relay.run(stopping))
    try:
        yield
    finally:
        stopping.set()
        await task


async def emptied(database: Database) -> bool:
    async with database.read() as connection:
        return not await outbox.fetch(connection, 1)


async def test_committed_events_arrive_and_leave_the_outbox(
    service_database: ServiceDatabase, kafka: Kafka
) -> None:
    database = await service_database("newsreel_runtime")
    event = an_event(uuid4(), 1)
    async with reading(kafka, [event.topic]) as reader, running(Relay(kafka, database, "test")):
        async with database.begin() as tx:
            tx.emit(event)
        record = (await until(lambda: reader.at_least(1), "the event"))[0]
        await until(lambda: emptied(database), "an empty outbox")
    envelope, data = parse(record.headers, record.key, record.value)
    assert data == event
    assert record.key == event.key.encode()
    assert envelope.subject == f"mail/{event.key}"


async def test_a_key_keeps_its_order(service_database: ServiceDatabase, kafka: Kafka) -> None:
    database = await service_database("newsreel_runtime")
    keys = [uuid4() for _ in range(5)]
    for generation in range(1, 21):
        async with database.begin() as tx:
            for key in keys:
                tx.emit(an_event(key, generation))
    async with reading(kafka, [notifier.MAIL]) as reader, running(Relay(kafka, database, "test")):
        records = await until(lambda: reader.at_least(100), "100 events")
    for key in keys:
        events = [parse(r.headers, r.key, r.value)[1] for r in records if r.key == str(key).encode()]
        assert [e.generation for e in events if isinstance(e, notifier.MailAcceptedV1)] == list(range(1, 21))


async def test_one_relay_leads_and_another_takes_over(databases: Databases, kafka: Kafka) -> None:
    first, second = an_event(uuid4(), 1), an_event(uuid4(), 1)
    async with AsyncExitStack() as stack:
        settings = await stack.enter_async_context(databases.fresh("newsreel_runtime"))
        one = await stack.enter_async_context(Database.open(settings))
        two = await stack.enter_async_context(Database.open(settings))
        reader = await stack.enter_async_context(reading(kafka, [notifier.MAIL]))
        await stack.enter_async_context(running(Relay(kafka, two, "second")))
        async with running(Relay(kafka, one, "first")):
            async with one.begin() as tx:
                tx.emit(first)
            await until(lambda: reader.at_least(1), "the first event")
        async with two.begin() as tx:
            tx.emit(second)
        records = await until(lambda: reader.at_least(2), "the event after the change of the leader")
    assert [record.key for record in records] == [first.key.encode(), second.key.encode()]
