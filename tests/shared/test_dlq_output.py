"""What an operator sees: bytes that are no text are escaped, and nothing personal unless it is asked for."""

import json
from base64 import b64encode
from datetime import UTC, datetime

import pytest

from newsreel_events.topics import TOPICS
from newsreel_runtime.consumer.dead_letter_producer import HEADERS
from newsreel_runtime.consumer.record import Place
from newsreel_runtime.dlq.dead_letters import DeadLetter, letter_of
from newsreel_runtime.dlq.output import as_json, as_text, line, page, summary, whole
from newsreel_runtime.dlq.replay import ParkedEntry
from newsreel_testing.memory_bus import MemoryBus

ADDRESS = "ann@example.org"
CONTACT = next(topic for topic in TOPICS if topic.name == "identity.contact.v1")


def parked(topic: str, key: bytes = ADDRESS.encode()) -> ParkedEntry:
    reason = dict.fromkeys(HEADERS, "") | {"dlq_exception_type": "KeyError"}
    headers = [("ce_type", b"newsreel.x.v1"), ("foreign", ADDRESS.encode()), ("ce_subject", ADDRESS.encode())]
    value = json.dumps({"address": ADDRESS}).encode()
    letter = DeadLetter(Place(topic, 0, 1), key, value, headers, reason, datetime.now(UTC), 3)
    return ParkedEntry(letter, None)


def everything(entry: ParkedEntry, *, private: bool) -> str:
    shown = [f(entry, private=private) for f in (line, page)]
    return "\n".join([*shown, *(as_json(f(entry, private=private)) for f in (summary, whole))])


@pytest.mark.parametrize("topic", ["identity.contact.v1", "identity.code.v1"])
def test_addresses_of_private_topics_are_withheld(topic: str) -> None:
    said = everything(parked(topic), private=False)
    assert ADDRESS not in said
    assert b64encode(ADDRESS.encode()).decode() not in said
    assert "withheld" in said
    assert ADDRESS in everything(parked(topic), private=True)


def test_an_id_as_key_and_a_public_topic_are_shown() -> None:
    assert "0198c-aa" in everything(parked("identity.contact.v1", b"0198c-aa"), private=False)
    assert ADDRESS in everything(parked("notifier.mail.v1"), private=False)


@pytest.mark.parametrize("raw", [b"\xff", b"\x1b[2J", b"a\nb", "\u202eabc".encode(), b"\x00"])
def test_what_a_terminal_would_obey_is_no_text(raw: bytes) -> None:
    assert as_text(raw) is None


def test_a_record_that_parking_did_not_write_is_no_letter() -> None:
    bus = MemoryBus(CONTACT, "notifier")
    assert letter_of(bus.append("t", 0, b"k", b"v", [("dlq_original_topic", b"t")])) is None
    spoofed = [(name, b"x") for name in HEADERS]
    assert letter_of(bus.append("t", 0, b"k", b"v", spoofed)) is None
