"""A span as it is kept, and how it is read from OTLP (opentelemetry-proto, trace/v1)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span as WireSpan

Value = str | bool | int | float | list["Value"] | None
_KINDS = ("unspecified", "internal", "server", "client", "producer", "consumer")
_STATUS_ERROR = 2


@dataclass(frozen=True)
class Link:
    """A pointer to a span, of this trace or another."""

    trace_id: str
    span_id: str
    attributes: dict[str, Value]


@dataclass(frozen=True)
class Span:
    """One finished span. Ids are lower-case hex, times nanoseconds since 1970."""

    trace_id: str
    span_id: str
    parent_id: str
    service: str
    name: str
    kind: str
    start: int
    end: int
    failed: bool
    attributes: dict[str, Value]
    links: tuple[Link, ...]

    @property
    def milliseconds(self) -> float:
        """How long it took."""
        return (self.end - self.start) / 1_000_000


def _value(value: AnyValue) -> Value:
    field = value.WhichOneof("value")
    if field is None:
        return None
    if field == "array_value":
        return [_value(item) for item in value.array_value.values]
    if field in {"bytes_value", "kvlist_value"}:
        return f"<{field}>"
    found: str | bool | int | float = getattr(value, field)
    return found


def _attributes(pairs: Iterable[KeyValue]) -> dict[str, Value]:
    return {pair.key: _value(pair.value) for pair in pairs}


def _span(wire: WireSpan, service: str) -> Span:
    return Span(
        trace_id=wire.trace_id.hex(),
        span_id=wire.span_id.hex(),
        parent_id=wire.parent_span_id.hex(),
        service=service,
        name=wire.name,
        kind=_KINDS[wire.kind],
        start=wire.start_time_unix_nano,
        end=wire.end_time_unix_nano,
        failed=wire.status.code == _STATUS_ERROR,
        attributes=_attributes(wire.attributes),
        links=tuple(
            Link(link.trace_id.hex(), link.span_id.hex(), _attributes(link.attributes)) for link in wire.links
        ),
    )


def read(body: bytes) -> Iterator[Span]:
    """The spans of an export request. Raises protobuf's `DecodeError`."""
    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        service = str(_attributes(resource.resource.attributes).get("service.name", "unknown"))
        for scope in resource.scope_spans:
            for wire in scope.spans:
                yield _span(wire, service)
