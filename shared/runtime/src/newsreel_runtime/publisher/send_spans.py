"""The relay's spans: one `send` a record batch, a root of its own, linked to the `create` of each event.

And the metrics of the same moment, by the names of the messaging conventions.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from opentelemetry import metrics
from opentelemetry.context import Context
from opentelemetry.trace import Link, SpanContext, SpanKind, TraceFlags

from newsreel_runtime.outbox import OutboxRow
from newsreel_runtime.telemetry import SECONDS, span

_LINKS = 128  # the SDK drops what is beyond
_TRACEPARENT_PARTS = 4
_meter = metrics.get_meter("newsreel")
_sent = _meter.create_counter("messaging.client.sent.messages", "{message}", "Events that Kafka was given.")
_duration = _meter.create_histogram(
    "messaging.client.operation.duration",
    "s",
    "From the sending of a record batch to its acknowledgement.",
    explicit_bucket_boundaries_advisory=SECONDS,
)


def link_of(row: OutboxRow) -> Link | None:
    """A link to the span that the row's `traceparent` (W3C Trace Context §3.2) names, with its wait in ms."""
    parts = (row.traceparent or "").split("-")
    if len(parts) != _TRACEPARENT_PARTS:
        return None
    try:
        named = SpanContext(int(parts[1], 16), int(parts[2], 16), True, TraceFlags(int(parts[3], 16)))
    except ValueError:
        return None
    if not named.is_valid:
        return None
    return Link(named, {"newsreel.outbox.wait_ms": round(row.waited * 1000, 3)})


@contextmanager
def send_span(topic: str, partition: int, rows: Sequence[OutboxRow]) -> Iterator[None]:
    """The links carry each event's wait in the outbox, the span the longest of them (ms)."""
    links = [link for row in rows[:_LINKS] if (link := link_of(row)) is not None]
    named: dict[str, str] = {
        "messaging.system": "kafka",
        "messaging.operation.name": "send",
        "messaging.operation.type": "send",
        "messaging.destination.name": topic,
    }
    attributes: dict[str, str | int | float] = {
        **named,
        "messaging.destination.partition.id": str(partition),
        "messaging.batch.message_count": len(rows),
        "newsreel.outbox.wait_ms": round(max(row.waited for row in rows) * 1000, 3),
    }
    began = time.perf_counter()
    try:
        with span(f"send {topic}", SpanKind.CLIENT, parent=Context(), links=links, attributes=attributes):
            yield
    except BaseException as error:
        named["error.type"] = type(error).__qualname__
        raise
    finally:
        _sent.add(len(rows), named)
        _duration.record(time.perf_counter() - began, named)
