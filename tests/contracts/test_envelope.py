"""The envelope is CloudEvents 1.0 in Kafka's binary mode, in and out, beside the `cloudevents` package."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka_event, to_binary_event

from newsreel_events import (
    EVENTS,
    TOPICS,
    Envelope,
    MalformedError,
    TraceContext,
    UnknownTypeError,
    notifier,
    parse,
)
from newsreel_events.envelope import parse_envelope

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def an_event() -> notifier.MailAcceptedV1:
    return notifier.MailAcceptedV1(
        reference_id=uuid4(), generation=1, kind="signup_code", occurred_at=datetime.now(UTC)
    )


def an_envelope(event: notifier.MailAcceptedV1) -> Envelope:
    trace = TraceContext(traceparent=TRACEPARENT)
    return Envelope.of(event, event_id=uuid4(), time=datetime.now(UTC), trace=trace)


def a_record() -> tuple[list[tuple[str, bytes | None]], bytes, bytes]:
    event = an_event()
    headers: list[tuple[str, bytes | None]] = [*an_envelope(event).headers()]
    return headers, event.key.encode(), event.model_dump_json().encode()


def test_an_event_comes_back_as_it_went() -> None:
    event = an_event()
    envelope = an_envelope(event)
    assert parse(envelope.headers(), event.key.encode(), event.model_dump_json().encode()) == (
        envelope,
        event,
    )


def test_the_cloudevents_package_reads_ours() -> None:
    event = an_event()
    envelope = an_envelope(event)
    message = KafkaMessage(
        headers=dict(envelope.headers()), key=event.key.encode(), value=event.model_dump_json().encode()
    )
    read = from_kafka_event(message)
    assert read.get_type() == event.type
    assert read.get_id() == str(envelope.id)
    assert read.get_subject() == event.subject
    assert read.get_data() == event.model_dump(mode="json")


def test_ours_reads_the_cloudevents_package() -> None:
    event = an_event()
    envelope = an_envelope(event)
    theirs = from_kafka_event(
        KafkaMessage(dict(envelope.headers()), event.key.encode(), event.model_dump_json().encode())
    )
    sent = to_binary_event(theirs, key_mapper=lambda _: event.key)
    assert parse(list(sent.headers.items()), str(sent.key).encode(), bytes(sent.value))[1] == event


def test_fields_of_a_later_version_are_ignored() -> None:
    headers, key, value = a_record()
    later = value[:-1] + b', "opened": true}'
    assert parse(headers, key, later)[1] == parse(headers, key, value)[1]


def test_foreign_headers_may_hold_any_bytes() -> None:
    headers, key, value = a_record()
    foreign = [*headers, ("x-foreign", b"\xff"), ("x-null", None)]
    assert parse(foreign, key, value) == parse(headers, key, value)


def test_a_type_of_a_later_version_is_unknown_not_malformed() -> None:
    headers, key, value = a_record()
    later = [(n, b"newsreel.notifier.mail.opened.v1" if n == "ce_type" else v) for n, v in headers]
    with pytest.raises(UnknownTypeError):
        parse(later, key, value)


@pytest.mark.parametrize("missing", ["ce_specversion", "ce_id", "ce_type", "ce_source", "ce_time"])
def test_a_record_without_a_required_attribute_is_malformed(missing: str) -> None:
    headers, key, value = a_record()
    with pytest.raises(MalformedError):
        parse([(n, v) for n, v in headers if n != missing], key, value)


@pytest.mark.parametrize(
    ("header", "bytes_"),
    [
        ("ce_id", b"\xff"),
        ("ce_id", b"no-uuid"),
        ("ce_time", b"2026-01-01"),
        ("content-type", b"text/plain"),
        ("content-type", b"application/jsonlines"),
    ],
)
def test_a_wrong_attribute_is_malformed_and_not_repeated(header: str, bytes_: bytes) -> None:
    headers, key, value = a_record()
    with pytest.raises(MalformedError) as raised:
        parse([*[(n, v) for n, v in headers if n != header], (header, bytes_)], key, value)
    assert "no-uuid" not in str(raised.value)


@pytest.mark.parametrize("name", ["ce_id", "ce_type", "content-type"])
def test_an_attribute_that_comes_twice_is_malformed(name: str) -> None:
    headers, key, value = a_record()
    with pytest.raises(MalformedError, match=f"{name} comes twice"):
        parse([*headers, (name, dict(headers)[name])], key, value)


def test_a_second_trace_context_is_not_the_creation() -> None:
    headers, key, value = a_record()
    added = [*headers, ("traceparent", b"00-" + b"1" * 32 + b"-" + b"2" * 16 + b"-01")]
    assert parse(added, key, value)[0].trace.traceparent == TRACEPARENT


@pytest.mark.parametrize(
    "media_type", [b"application/cloudevents+json", b"Application/CloudEvents+JSON; charset=utf-8"]
)
def test_structured_mode_is_named(media_type: bytes) -> None:
    _, key, _ = a_record()
    with pytest.raises(MalformedError, match="structured mode"):
        parse([("content-type", media_type)], key, b'{"specversion": "1.0"}')


@pytest.mark.parametrize("media_type", [b"application/json; charset=utf-8", b"Application/JSON"])
def test_json_may_be_written_otherwise(media_type: bytes) -> None:
    headers, key, value = a_record()
    written = [(n, media_type if n == "content-type" else v) for n, v in headers]
    assert parse(written, key, value)[1] == parse(headers, key, value)[1]


def test_a_tombstone_is_no_event() -> None:
    headers, key, _ = a_record()
    with pytest.raises(MalformedError, match="tombstone"):
        parse(headers, key, None)
    assert parse_envelope(headers, key).key == key.decode()


def test_a_record_without_headers_is_malformed() -> None:
    with pytest.raises(MalformedError, match="not a CloudEvent"):
        parse(None, b"key", b"{}")


@pytest.mark.parametrize("value", [b"", b"{", b"[]", b'{"generation": 0}', b"\xff"])
def test_broken_data_is_malformed(value: bytes) -> None:
    headers, key, _ = a_record()
    with pytest.raises(MalformedError):
        parse(headers, key, value)


def test_names_follow_the_rules() -> None:
    for topic in TOPICS:
        domain, entity, major = topic.name.split(".")
        assert domain == topic.producer
        assert major == "v1"
        for event in topic.events:
            assert event.topic == topic.name
            assert event.__doc__, "it is said in one line what happened"
            assert event.type.startswith(f"newsreel.{domain}.{entity}.")
            assert event.type.endswith(f".{event.__name__[-2:].lower()}")
    assert len(EVENTS) == sum(len(topic.events) for topic in TOPICS)
