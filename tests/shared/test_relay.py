"""The relay: what was committed reaches Kafka, in the order of each key, with its headers."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from uuid import uuid4

import asyncpg

from newsreel_events import notifier, parse
from newsreel_events.catalog import TRANSCRIPT, SegmentV1, TranscriptPublishedV1
from newsreel_events.topics import TOPICS
from newsreel_local.kafka import KafkaServer
from newsreel_runtime import outbox
from newsreel_runtime.database import Database
from newsreel_runtime.publisher.relay import Relay
from newsreel_runtime.settings import Kafka
from newsreel_testing.bus import an_envelope, reading
from newsreel_testing.databases import Databases
from newsreel_testing.relay_harness import an_event, emptied, frozen, make_topic, records_of, running
from newsreel_testing.wait_until import until

ServiceDatabase = Callable[[str], Awaitable[Database]]


async def test_committed_events_arrive_and_leave_the_outbox(
    service_database: ServiceDatabase, kafka: Kafka
) -> None:
    database = await service_database("newsreel_runtime")
    event = an_event(uuid4())
    async with reading(kafka, [event.topic]) as reader, running(Relay(kafka, database, "test")):
        async with database.begin() as tx:
            tx.emit(event)
        record = (await until(lambda: reader.at_least(1), "the event"))[0]
        await until(lambda: emptied(database), "an empty outbox")
    envelope, data = parse(record.headers, record.key, record.value)
    assert data == event
    assert record.key == event.key.encode()
    assert envelope.subject == f"mail/{event.key}"
    assert list(record.headers) == envelope.headers()


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


async def test_the_transcript_of_a_long_hearing_arrives(
    service_database: ServiceDatabase, kafka: Kafka
) -> None:
    """Trial B6: nearly all that the topic takes, sent by the relay and read by a client with its defaults."""
    (topic,) = (topic for topic in TOPICS if topic.name == TRANSCRIPT)
    words = "слово " * 300
    segments = tuple(
        SegmentV1(number=n, start_ms=n, end_ms=n + 1, part="speech", speaker="Голова", text=words)
        for n in range(1, topic.data_bytes // (len(words.encode()) + 100))
    )
    event = TranscriptPublishedV1(
        video_id=uuid4(), language="uk", kind="verbatim", version=1, segments=segments
    )
    assert len(event.model_dump_json().encode()) > 0.95 * topic.data_bytes
    database = await service_database("newsreel_runtime")
    async with reading(kafka, [TRANSCRIPT]) as reader, running(Relay(kafka, database, "test")):
        async with database.begin() as tx:
            tx.emit(event)
        record = (await until(lambda: reader.at_least(1), "the transcript"))[0]
    assert parse(record.headers, record.key, record.value)[1] == event


async def test_one_relay_leads_and_another_takes_over(databases: Databases, kafka: Kafka) -> None:
    first, second = an_event(uuid4()), an_event(uuid4())
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


async def test_a_lower_seq_that_commits_later_is_found(
    service_database: ServiceDatabase, kafka: Kafka
) -> None:
    database = await service_database("newsreel_runtime")
    late, early = an_event(uuid4()), an_event(uuid4())
    async with reading(kafka, [late.topic]) as reader, running(Relay(kafka, database, "test")):
        async with database.begin() as slow:
            row = late.topic, an_envelope(late), late.model_dump_json().encode()
            await outbox.add(slow.sql, [row])
            async with database.begin() as tx:
                tx.emit(early)
            await until(lambda: reader.at_least(1), "the event of the later, faster transaction")
        records = await until(lambda: reader.at_least(2), "the event with the lower seq")
    assert {record.key for record in records} == {late.key.encode(), early.key.encode()}


async def test_no_transaction_is_open_while_kafka_does_not_answer(
    service_database: ServiceDatabase, kafka: Kafka, kafka_server: KafkaServer
) -> None:
    database = await service_database("newsreel_runtime")
    async with reading(kafka, [notifier.MAIL]) as reader, running(Relay(kafka, database, "test")):
        async with database.begin() as tx:
            tx.emit(an_event(uuid4()))
        await until(lambda: reader.at_least(1), "an event, so that the relay is at work")
        with frozen(kafka_server.process):
            async with database.begin() as tx:
                tx.emit(an_event(uuid4()))
            async with database.read() as connection:
                open_ones = await until(lambda: _sessions_after_a_read(connection), "the relay's read")
        assert open_ones == [("idle", None, None)]
        await until(lambda: reader.at_least(2), "the event once Kafka answers again")
        await until(lambda: emptied(database), "an empty outbox")


async def _sessions_after_a_read(connection: asyncpg.Connection) -> list[tuple[str, object, object]]:
    """State, start of the transaction, xmin: of sessions whose last statement was the relay's read."""
    rows = await connection.fetch(
        "SELECT state, xact_start, backend_xmin FROM pg_stat_activity"
        " WHERE datname = current_database() AND query LIKE '%WITH gone AS (DELETE FROM outbox WHERE%'"
        " AND pid <> pg_backend_pid() AND state_change < clock_timestamp() - interval '20 ms'"
    )
    return [tuple(row) for row in rows]


async def test_a_process_without_a_relay_tells_the_one_that_has_it(
    databases: Databases, kafka: Kafka
) -> None:
    async with AsyncExitStack() as stack:
        settings = await stack.enter_async_context(databases.fresh("newsreel_runtime"))
        here = await stack.enter_async_context(Database.open(settings))
        there = await stack.enter_async_context(Database.open(settings))
        words: list[str] = []
        listening = await stack.enter_async_context(there.pool.acquire())

        def heard(*_: object) -> None:
            words.append("look")

        await listening.add_listener(outbox.CHANNEL, heard)
        stopping = asyncio.Event()
        announcing = asyncio.create_task(Relay(kafka, here, "http").announce(stopping))
        reader = await stack.enter_async_context(reading(kafka, [notifier.MAIL]))
        await stack.enter_async_context(running(Relay(kafka, there, "relay")))
        loop = asyncio.get_running_loop()
        began = loop.time()
        for _ in range(50):
            async with here.begin() as tx:
                tx.emit(an_event(uuid4()))
        took = loop.time() - began
        await until(lambda: reader.at_least(50), "what the other process committed")
        stopping.set()
        await announcing
        await listening.remove_listener(outbox.CHANNEL, heard)
    assert 0 < len(words) <= took / 0.005 + 2


async def test_a_large_backlog_of_few_keys_leaves_in_order(
    service_database: ServiceDatabase, kafka: Kafka
) -> None:
    database = await service_database("newsreel_runtime")
    topic = f"relay.{uuid4()}"
    await make_topic(kafka, topic)
    async with database.begin() as tx:
        await tx.sql.execute(
            "INSERT INTO outbox (id, topic, key, type, source, time, payload)"
            " SELECT gen_random_uuid(), $1, 'key ' || n % 7, 't', '/t', 'now', convert_to(n::text, 'UTF8')"
            " FROM generate_series(1, 5000) AS n",
            topic,
        )
    async with running(Relay(kafka, database, "test")):
        await until(lambda: emptied(database), "an empty outbox")
    records = await records_of(kafka, topic, 5000)
    assert len(records) == 5000
    for rest in range(7):
        numbers = [int(r.value) for r in records if r.key == b"key %d" % rest]
        assert numbers == sorted(numbers)
