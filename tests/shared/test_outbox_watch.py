"""The backlog is seen: as metrics that leave by OTLP when asked for, and as one line when it is too much."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from newsreel_runtime import outbox
from newsreel_runtime.database import Database
from newsreel_runtime.outbox import Backlog
from newsreel_runtime.publisher.relay import Relay
from newsreel_runtime.publisher.watch import Watch, too_much
from newsreel_runtime.settings import Kafka, Telemetry
from newsreel_runtime.telemetry import set_up_metrics
from newsreel_testing.memory_kafka import MemoryKafka
from newsreel_testing.relay_harness import emptied, put, running
from newsreel_testing.wait_until import until

ServiceDatabase = Callable[[str], Awaitable[Database]]


def points(reader: InMemoryMetricReader) -> dict[str, dict[str, float]]:
    """The last points, by metric."""
    data = json.loads(getattr(reader.get_metrics_data(), "to_json", lambda: "{}")())
    return {
        metric["name"]: metric["data"]["data_points"][-1]
        for resource in data.get("resource_metrics", [])
        for scope in resource["scope_metrics"]
        for metric in scope["metrics"]
    }


async def test_the_backlog_is_counted_and_its_oldest_row_aged(service_database: ServiceDatabase) -> None:
    database = await service_database("newsreel_runtime")
    async with database.read() as connection:
        assert await outbox.backlog(connection) == Backlog(0, 0.0, 0)
        await put(database, "t", "k", b"1", b"2", b"3")
        await connection.execute(
            "UPDATE outbox SET created_at = created_at - $1::interval", timedelta(hours=1)
        )
        seen = await outbox.backlog(connection)
        assert (seen.rows, seen.dead) == (3, 0)
        assert 3600 < seen.oldest_age < 3660
        assert (await outbox.backlog(connection, count_up_to=2)).rows == 2


async def test_a_relay_measures(service_database: ServiceDatabase, reader: InMemoryMetricReader) -> None:
    database = await service_database("newsreel_runtime")
    bus = MemoryKafka(topics={"t": 1})
    before = points(reader).get("outbox.publish.lag", {}).get("count", 0)
    async with running(Relay(Kafka(bootstrap="nowhere:1"), database, "test", open_sink=bus.open)):
        await put(database, "t", "k", b"1", b"2")
        await until(lambda: emptied(database), "an empty outbox")
    assert points(reader)["outbox.publish.lag"]["count"] == before + 2


async def test_gauges_follow_the_table(
    service_database: ServiceDatabase, reader: InMemoryMetricReader
) -> None:
    database = await service_database("newsreel_runtime")
    await put(database, "t", "k", b"1", b"2")
    stopping = asyncio.Event()
    watching = asyncio.create_task(Watch(database, every=0.01).run(stopping))

    async def counted() -> bool:
        return points(reader).get("outbox.backlog", {}).get("value") == 2

    await until(counted, "the gauge")
    stopping.set()
    await watching
    assert points(reader)["outbox.oldest_age"]["value"] > 0
    assert points(reader)["outbox.dead"]["value"] == 0


@pytest.mark.parametrize(
    ("seen", "alarm"),
    [(Backlog(10_000, 60.0, 0), False), (Backlog(10_001, 0.0, 0), True), (Backlog(1, 60.1, 0), True)],
)
def test_too_many_or_too_old_is_too_much(seen: Backlog, alarm: bool) -> None:
    assert too_much(seen) is alarm


async def test_an_alarm_is_one_line_and_so_is_its_end(
    service_database: ServiceDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    watch = Watch(await service_database("newsreel_runtime"))
    with caplog.at_level(logging.INFO, "newsreel_runtime.publisher.watch"):
        for rows in (1, 20_000, 30_000, 2, 1):
            watch.note(Backlog(rows, 0.0, 0))
    said = [record for record in caplog.records if record.name == "newsreel_runtime.publisher.watch"]
    assert [record.getMessage() for record in said] == [
        "outbox backlog: 20000 events, the oldest waits 0 s",
        "outbox backlog is over: 2 events wait",
    ]


@pytest.mark.parametrize(
    "settings", [Telemetry(otlp_endpoint="http://127.0.0.1:1"), Telemetry(metrics="otlp", otlp_endpoint=None)]
)
def test_metrics_leave_only_when_asked_for(settings: Telemetry) -> None:
    assert set_up_metrics("test", settings) is None
