"""The span of a batch's commit: one whatever the batch holds, and what it says."""

import pytest
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import CommitFailedError
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from newsreel_runtime.consumer.commit_span import Batch, commit_span

TRACED = [("traceparent", b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")]


def batch(count: int, *topics: str, headers: list[tuple[str, bytes]] = TRACED) -> Batch:
    record = ConsumerRecord("t", 0, 0, 0, 0, b"k", b"v", None, 1, 1, headers)
    return {TopicPartition(topic, 0): [record] * count for topic in topics}


def committed(exporter: InMemorySpanExporter, given: Batch) -> ReadableSpan:
    exporter.clear()
    with commit_span("some-group", given):
        pass
    (span,) = exporter.get_finished_spans()
    return span


def test_it_is_a_root_that_says_what_was_committed(exporter: InMemorySpanExporter) -> None:
    span = committed(exporter, batch(8, "t"))
    assert (span.name, span.kind, span.parent, len(span.links)) == ("commit t", SpanKind.CLIENT, None, 8)
    assert dict(span.attributes or {}) == {
        "messaging.system": "kafka",
        "messaging.operation.name": "commit",
        "messaging.operation.type": "settle",
        "messaging.consumer.group.name": "some-group",
        "messaging.batch.message_count": 8,
        "messaging.destination.name": "t",
    }


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (batch(200, "t"), "commit t"),
        (batch(5, "t", "u"), "commit"),
        (batch(1, "t", headers=[("traceparent", b"\xff")]), "commit t"),
        ({}, "commit"),
    ],
)
def test_it_has_no_link_that_costs_much_or_leads_nowhere(
    exporter: InMemorySpanExporter, given: Batch, name: str
) -> None:
    span = committed(exporter, given)
    assert (span.name, len(span.links)) == (name, 0)


def test_a_commit_that_fails_is_seen(exporter: InMemorySpanExporter) -> None:
    with pytest.raises(CommitFailedError), commit_span("some-group", {}):
        raise CommitFailedError
    (span,) = exporter.get_finished_spans()
    assert (span.attributes or {})["error.type"] == "CommitFailedError"
