"""CloudEvents 1.0 in Kafka's binary mode: headers carry the context attributes, the value is the data.

Source: cloudevents/spec, `cloudevents/bindings/kafka-protocol-binding.md` §3.2.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from newsreel_events.data import EventData
from newsreel_events.topics import EVENTS
from newsreel_events.values import Id, Time

_TRACE = frozenset({"traceparent", "tracestate"})

Headers = Iterable[tuple[str, bytes | None]]


class MalformedError(ValueError):
    """The record is no CloudEvent of ours: what is wrong, never its content."""


class UnknownTypeError(ValueError):
    """A CloudEvent of a type that this version of the package does not know: readers ignore it."""


class TraceContext(BaseModel):
    """W3C Trace Context of the moment the event was made."""

    model_config = ConfigDict(frozen=True)

    traceparent: str | None = None
    tracestate: str | None = None


class Envelope(BaseModel):
    """The context attributes of one event. `key` is the Kafka key; `time` is aware."""

    model_config = ConfigDict(frozen=True, str_max_length=1024)

    id: Id
    type: str = Field(min_length=1)
    source: str = Field(min_length=1)
    time: Time
    key: str
    subject: str | None = None
    dataschema: str | None = None
    trace: TraceContext = TraceContext()

    @classmethod
    def of(cls, event: EventData, *, event_id: UUID, time: datetime, trace: TraceContext) -> "Envelope":
        """The envelope of a new event of ours."""
        return cls(
            id=event_id,
            type=event.type,
            source=event.source,
            time=time,
            key=event.key,
            subject=event.subject,
            dataschema=event.dataschema,
            trace=trace,
        )

    @classmethod
    def of_tombstone(
        cls, topic: str, key: str, *, event_id: UUID, time: datetime, trace: TraceContext
    ) -> "Envelope":
        """The envelope of a record without a value, which erases `key`; the same attributes, no data."""
        domain, entity, _ = topic.split(".")
        return cls(
            id=event_id,
            type=f"newsreel.{domain}.{entity}.erased.v1",
            source=f"/newsreel/{domain}",
            time=time,
            key=key,
            subject=f"{entity}/{key}",
            trace=trace,
        )

    def headers(self) -> list[tuple[str, bytes]]:
        """The Kafka headers, each name once, all UTF-8."""
        named = {
            "content-type": "application/json",
            "ce_specversion": "1.0",
            "ce_id": str(self.id),
            "ce_type": self.type,
            "ce_source": self.source,
            "ce_time": self.time.isoformat(),
            "ce_partitionkey": self.key,
            "ce_subject": self.subject,
            "ce_dataschema": self.dataschema,
            "traceparent": self.trace.traceparent,
            "tracestate": self.trace.tracestate,
        }
        return [(name, value.encode()) for name, value in named.items() if value is not None]


def _attributes(headers: Headers | None) -> dict[str, str]:
    """The headers that are ours to read; foreign ones may hold any bytes and are left alone.

    Each comes once (§3.2.3: otherwise readers would disagree), but for the trace: some instrumentations add
    theirs to it, and the first is that of the event's creation.
    """
    read: dict[str, str] = {}
    for name, value in headers or ():
        if value is None or not (name.startswith("ce_") or name == "content-type" or name in _TRACE):
            continue
        if name in read:
            if name in _TRACE:
                continue
            raise MalformedError(f"header {name} comes twice")
        try:
            read[name] = value.decode()
        except UnicodeDecodeError as error:
            raise MalformedError(f"header {name} is not UTF-8") from error
    return read


def _refuse_other_modes(content_type: str) -> None:
    """Only the binary mode is ours: the media type is the data's, not that of a whole event (§3.1)."""
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type.startswith("application/cloudevents"):
        raise MalformedError("a CloudEvent in structured mode: this contract is the binary mode")
    if media_type != "application/json":
        raise MalformedError("the content type is not application/json")


def _where(error: ValidationError) -> str:
    return ", ".join(sorted({".".join(map(str, found["loc"])) or "data" for found in error.errors()}))


def parse_envelope(headers: Headers | None, key: bytes | None) -> Envelope:
    """The envelope of a record that holds an event, or of a tombstone of ours. Raises `MalformedError`."""
    read = _attributes(headers)
    _refuse_other_modes(read.get("content-type", "application/json"))
    if read.get("ce_specversion") != "1.0":
        raise MalformedError("no ce_specversion 1.0: not a CloudEvent in binary mode")
    try:
        return Envelope.model_validate(
            {
                "id": read.get("ce_id"),
                "type": read.get("ce_type"),
                "source": read.get("ce_source"),
                "time": read.get("ce_time"),
                "key": (key or b"").decode(),
                "subject": read.get("ce_subject"),
                "dataschema": read.get("ce_dataschema"),
                "trace": {"traceparent": read.get("traceparent"), "tracestate": read.get("tracestate")},
            }
        )
    except ValidationError as error:
        raise MalformedError(f"these attributes are not valid: {_where(error)}") from error
    except UnicodeDecodeError as error:
        raise MalformedError("the key is not UTF-8") from error


def parse(headers: Headers | None, key: bytes | None, value: bytes | None) -> tuple[Envelope, EventData]:
    """One record as its envelope and data. `headers` are what the client gives: pairs, or None for none.

    Raises `UnknownTypeError` for an event that this version does not know, `MalformedError` for all else. A
    record without a value is a tombstone, which says that its key is to be forgotten: look for it first.
    """
    if value is None:
        raise MalformedError("no value: a tombstone, which erases its key and is no event")
    envelope = parse_envelope(headers, key)
    known = EVENTS.get(envelope.type)
    if known is None:
        raise UnknownTypeError(envelope.type)
    try:
        return envelope, known.model_validate_json(value)
    except ValidationError as error:
        raise MalformedError(f"{envelope.type}: these fields are not valid: {_where(error)}") from error
