"""Spans, metrics and probes of a consumer, from its parking to its replay."""

import asyncio
import time
from collections.abc import Sequence

import httpx
from opentelemetry import trace
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from newsreel_events import TraceContext, notifier
from newsreel_runtime.consumer.consumer import Consumer
from newsreel_runtime.dlq.replay import Choice, KafkaDeadLetters, Replay, chosen, find
from newsreel_runtime.http.app import create_app
from newsreel_runtime.http.server import http_server
from newsreel_runtime.service import Service
from newsreel_runtime.settings import Http, Kafka
from newsreel_testing.bus import an_envelope, foreign_producer, reading, send
from newsreel_testing.consumer_harness import (
    PARKED,
    Buggy,
    ServiceDatabase,
    an_event,
    effects,
    running,
    with_effects,
)
from newsreel_testing.wait_until import until

CREATED = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")


def values(reader: InMemoryMetricReader, name: str, topic: str) -> list[float]:
    data = reader.get_metrics_data()
    return [
        getattr(point, "value", getattr(point, "count", 0))
        for resource in (data.resource_metrics if data else [])
        for scope in resource.scope_metrics
        for metric in scope.metrics
        if metric.name == name
        for point in metric.data.data_points
        if (point.attributes or {}).get("messaging.destination.name") == topic
    ]


def linked(span: ReadableSpan) -> list[tuple[str, str]]:
    return [
        (trace.format_trace_id(link.context.trace_id), trace.format_span_id(link.context.span_id))
        for link in span.links
    ]


def named(spans: Sequence[ReadableSpan], name: str) -> list[ReadableSpan]:
    return [span for span in spans if span.name == name and CREATED in linked(span)]


async def test_a_replay_is_a_trace_of_its_own_linked_to_the_creation(
    service_database: ServiceDatabase,
    kafka: Kafka,
    exporter: InMemorySpanExporter,
    reader: InMemoryMetricReader,
) -> None:
    database = await with_effects(service_database)
    event = an_event()
    handler = Buggy({event.key})
    consumer = Consumer("identity", kafka, database)
    consumer.on(notifier.MailAcceptedV1, handler)
    envelope = an_envelope(event, TraceContext(traceparent=f"00-{'-'.join(CREATED)}-01"))
    letters, choice = KafkaDeadLetters(kafka, "identity"), Choice("identity", [notifier.MAIL])
    async with (
        foreign_producer(kafka) as producer,
        reading(kafka, [PARKED]) as parked,
        running(consumer),
    ):
        await send(producer, event, envelope)
        await send(producer, event, envelope)
        [record, behind] = await until(lambda: parked.at_least(2), "both parked")
        assert dict(record.headers)["dlq_trace_id"].decode() == CREATED[0]
        assert dict(behind.headers)["dlq_exception_type"] == b"BehindError"

        async def both_known() -> bool:
            return len(chosen(await find(letters, database, choice), choice)) == 2

        await until(both_known, "both rows")
        handler.fails_for.clear()
        meant = chosen(await find(letters, database, choice), choice)
        result = await Replay(letters, database, choice, "test").run(meant, 15)

        async def lags() -> list[float]:
            return values(reader, "messaging.consumer.lag", notifier.MAIL)

        assert min(await until(lags, "the lag")) >= 0.0
        await letters.aclose()
    assert (result.effects, await effects(database, event.key)) == (2, 1)
    spans = exporter.get_finished_spans()
    failed = named(spans, f"process {notifier.MAIL}")
    assert {trace.format_trace_id(span.context.trace_id) for span in failed if span.context} == {CREATED[0]}
    commits = named(spans, f"commit {notifier.MAIL}")
    assert [span.parent for span in commits] == [None] * len(commits)
    assert 1 <= len(commits) <= 2, "one a batch, of which these two records made one or two"
    [processed] = named(spans, f"process {notifier.MAIL}.identity.replay")
    sent = named(spans, f"replay {notifier.MAIL}.identity.replay")
    assert processed.parent is not None
    assert processed.parent.span_id in {span.context.span_id for span in sent if span.context}
    assert processed.parent.trace_id != int(CREATED[0], 16)
    assert sum(values(reader, "dlq.messages", notifier.MAIL)) >= 2
    assert sum(values(reader, "inbox.duplicates", notifier.MAIL)) >= 1
    assert sum(values(reader, "messaging.process.duration", notifier.MAIL)) >= 3


async def test_a_record_of_the_largest_size_is_parked(
    service_database: ServiceDatabase, kafka: Kafka
) -> None:
    database = await with_effects(service_database)
    consumer = Consumer("identity", kafka, database)
    consumer.on(notifier.MailAcceptedV1, Buggy())
    value = b"x" * 1_048_400  # with its record's own bytes, a little below Kafka's limit
    async with foreign_producer(kafka) as producer, reading(kafka, [PARKED]) as parked, running(consumer):
        await producer.send_and_wait(notifier.MAIL, value, key=b"large")
        [record] = await until(lambda: parked.at_least(1), "the parked record")
    assert record.value == value


async def test_liveness_over_http_is_that_of_the_consumer(
    service_database: ServiceDatabase, kafka: Kafka
) -> None:
    database = await service_database("newsreel_runtime")
    consumer = Consumer("identity", kafka, database)
    for roles, live in ((frozenset({"http", "consume"}), 503), (frozenset({"http"}), 200)):
        service = Service("x", create_app(title="x", summary="x"), Http(port=0), database, [consumer])
        server = http_server(service, roles, asyncio.Event())
        app = server.config.app
        transport = httpx.ASGITransport(app)  # type: ignore[arg-type]  # uvicorn takes more kinds of it
        consumer.health.polled()
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            assert (await client.get("/health/live")).json() == {"status": "live", "reasons": []}
            consumer.health._polled_at = time.monotonic() - 61
            assert (await client.get("/health/live")).status_code == live
