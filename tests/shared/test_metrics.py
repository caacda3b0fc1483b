"""What is measured is what docs/metrics.md says, and it counts right."""

import asyncio
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from newsreel_events import notifier
from newsreel_events.topics import TOPICS
from newsreel_runtime.consumer.consumer import Consumer
from newsreel_runtime.consumer.parked_watch import watch_parked
from newsreel_runtime.database import Database
from newsreel_runtime.dlq.replay import Choice, Replay, chosen, find
from newsreel_runtime.publisher.relay import Relay
from newsreel_runtime.settings import Kafka
from newsreel_testing.bus import an_envelope
from newsreel_testing.consumer_harness import Buggy, ServiceDatabase, an_event, with_effects
from newsreel_testing.memory_bus import MemoryBus
from newsreel_testing.memory_kafka import MemoryKafka
from newsreel_testing.relay_harness import emptied, put, running
from newsreel_testing.wait_until import until

CHECKOUT = Path(__file__).parents[2]
MAIL = next(topic for topic in TOPICS if topic.name == notifier.MAIL)
GROUP = "identity"
NOWHERE = Kafka(bootstrap="nowhere:1")
MADE = re.compile(r"\.create_(?:counter|gauge|histogram|observable_gauge)\(\s*\"([a-z0-9._]+)\"")
NAMED = re.compile(r"^\| `([a-z0-9._]+)` \|", re.MULTILINE)


def made(folder: Path) -> Iterator[str]:
    """The names of the instruments that a source tree makes."""
    for path in folder.rglob("*.py"):
        yield from MADE.findall(path.read_text())


def test_the_page_lists_exactly_what_is_measured() -> None:
    source = [*made(CHECKOUT / "shared"), *made(CHECKOUT / "services")]
    page = NAMED.findall((CHECKOUT / "docs/metrics.md").read_text())
    assert sorted(page) == sorted(source)


def test_an_instrument_that_nobody_lists_is_seen(tmp_path: Path) -> None:
    (tmp_path / "new.py").write_text('seen = meter.create_counter(\n    "a.new.one", "s"\n)\n')
    assert list(made(tmp_path)) == ["a.new.one"]
    assert NAMED.findall("| `a.new.one` | counter |\n| text | `b` |") == ["a.new.one"]


class Meter:
    """What one metric says of one topic, as the sum over its other attributes."""

    def __init__(self, reader: InMemoryMetricReader, topic: str) -> None:
        self._reader = reader
        self._topic = topic

    def __call__(self, name: str, *, error: str | None = None) -> float:
        data = self._reader.get_metrics_data()
        points = [
            (point.attributes or {}, getattr(point, "value", getattr(point, "count", 0)))
            for resource in (data.resource_metrics if data else [])
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name == name
            for point in metric.data.data_points
        ]
        return sum(
            value
            for attributes, value in points
            if attributes.get("messaging.destination.name") == self._topic
            and attributes.get("error.type") == error
        )


@pytest.fixture
def meter(reader: InMemoryMetricReader) -> Meter:
    return Meter(reader, MAIL.name)


class Group:
    """A consumer whose handler may have a bug, its bus in memory, and its operator."""

    def __init__(self, database: Database) -> None:
        self.bus = MemoryBus(MAIL, GROUP)
        self.handler = Buggy()
        self.database = database
        self.consumer = Consumer(GROUP, NOWHERE, database, self.bus)
        self.consumer.on(notifier.MailAcceptedV1, self.handler)

    def put(self, event: notifier.MailAcceptedV1, value: bytes | None = None) -> None:
        envelope, data = an_envelope(event), event.model_dump_json().encode()
        self.bus.append(MAIL.name, 0, event.key.encode(), value or data, envelope.headers())

    async def take(self) -> None:
        records = self.bus.fetch(100)
        await self.consumer.handle_batch(records)
        self.bus.commit(records)

    async def replay(self) -> None:
        choice = Choice(GROUP, [MAIL.name])
        records = chosen(await find(self.bus, self.database, choice), choice)
        await Replay(self.bus, self.database, choice, "test").run(records, 0)
        await self.take()


@pytest.fixture
async def group(service_database: ServiceDatabase) -> Group:
    return Group(await with_effects(service_database))


async def test_a_consumer_counts_what_it_is_given_and_what_becomes_of_it(group: Group, meter: Meter) -> None:
    names = ("messaging.client.consumed.messages", "messaging.process.e2e")
    before = [meter(name) for name in names]
    bad, good = an_event(), an_event()
    group.handler.fails_for = {bad.key}
    for event in (bad, good, good):
        group.put(event)
    await group.take()
    await group.take()
    # The two copies are two events with one key; the bad one is parked, and takes no part.
    assert [meter(name) - earlier for name, earlier in zip(names, before, strict=True)] == [3, 2]


async def test_replays_are_counted_by_their_end(group: Group, meter: Meter) -> None:
    names = ("MalformedError", "RuntimeError", None)
    before = [meter("replay.messages", error=name) for name in names]
    broken, bug = an_event(), an_event()
    group.handler.fails_for = {bug.key}
    group.put(broken, b"{\xff")
    group.put(bug)
    await group.take()
    await group.replay()
    group.handler.fails_for = set()
    await group.replay()
    counted = [
        meter("replay.messages", error=name) - earlier for name, earlier in zip(names, before, strict=True)
    ]
    assert counted == [2, 1, 1]


async def test_the_oldest_parked_record_has_an_age_and_none_has_none(group: Group, meter: Meter) -> None:
    async def looked() -> float:
        stopping = asyncio.Event()
        watching = asyncio.ensure_future(watch_parked(group.database, GROUP, {MAIL.name})(stopping))

        async def changed() -> bool:
            return meter("dlq.oldest_age") != before

        before = meter("dlq.oldest_age")
        await until(changed, "the gauge")
        stopping.set()
        await watching
        return meter("dlq.oldest_age")

    for _ in range(2):
        group.put(an_event(), b"{\xff")
    await group.take()
    async with group.database.read() as connection:
        await connection.execute(
            'UPDATE parked_record SET parked_at = parked_at - $1::interval WHERE "offset" = 0',
            timedelta(hours=1),
        )
        assert 3600 <= await looked() < 3660
        await connection.execute("DELETE FROM parked_record")
        assert await looked() == 0


async def test_a_relay_counts_what_it_sends(
    service_database: ServiceDatabase, reader: InMemoryMetricReader
) -> None:
    database, topic = await service_database("newsreel_runtime"), f"metrics.{uuid4()}"
    meter, bus = Meter(reader, topic), MemoryKafka(topics={topic: 1})
    async with running(Relay(NOWHERE, database, "test", open_sink=bus.open)):
        await put(database, topic, "k", b"1", b"2")
        await until(lambda: emptied(database), "an empty outbox")
    assert meter("messaging.client.sent.messages") == 2
    assert meter("messaging.client.operation.duration") in {1, 2}  # batches
