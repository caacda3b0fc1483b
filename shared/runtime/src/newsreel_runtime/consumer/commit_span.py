"""The `commit` span of a batch's offsets: one, a root of its own, as that of `send`."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from aiokafka import ConsumerRecord, TopicPartition
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind

from newsreel_runtime.telemetry import context_from, link_to, span

Batch = Mapping[TopicPartition, Sequence[ConsumerRecord[Any, Any]]]
_LINKED = 8  # records: a press that somebody follows has its link, and a backlog costs one span a batch


def commit_span(group: str, batch: Batch) -> AbstractContextManager[Span]:
    """Around the commit; linked to the creation of each event of a small batch."""
    topics = {part.topic for part in batch}
    records = [record for some in batch.values() for record in some]
    attributes: dict[str, str | int] = {
        "messaging.system": "kafka",
        "messaging.operation.name": "commit",
        "messaging.operation.type": "settle",
        "messaging.consumer.group.name": group,
        "messaging.batch.message_count": len(records),
    }
    name = "commit"
    if len(topics) == 1:
        attributes["messaging.destination.name"] = topic = topics.pop()
        name = f"commit {topic}"
    links = (
        [link for record in records for link in link_to(context_from(_created(record)))]
        if len(records) <= _LINKED
        else []
    )
    return span(name, SpanKind.CLIENT, parent=Context(), links=links, attributes=attributes)


def _created(record: ConsumerRecord[Any, Any]) -> str | None:
    parent = next((value for name, value in record.headers if name == "traceparent" and value), None)
    return parent.decode(errors="replace") if parent else None
