"""The golden records: one per event type, made once; every reader of today understands them, for ever."""

import json
import subprocess
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import jsonschema_rs
import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka_event

from newsreel_contracts.contract import Contract
from newsreel_events import EVENTS, TOPICS, parse
from newsreel_events.record_file import RecordFile
from newsreel_events.topics import service_of
from newsreel_runtime.service import Service

CHECKOUT = Path(__file__).resolve().parents[2]
SERVICES = ("identity", "notifier", "catalog", "delivery", "portal")


def made_again(folder: Path) -> list[str]:
    """The examples of today that more than one commit wrote. Those of retired types may go."""
    command = [
        "git",
        "-C",
        str(folder),
        "log",
        "--diff-filter=AM",
        "--no-renames",
        "--name-only",
        "--format=",
    ]
    done = subprocess.run([*command, "--", "*.json"], capture_output=True, text=True, check=True)
    written = Counter(Path(line).name for line in done.stdout.splitlines())
    return sorted(name for name, times in written.items() if times > 1 and (folder / name).exists())


def kept(old: object, new: object) -> bool:
    """Whether all of `old` is in `new`, at any depth; `new` may have fields more."""
    if isinstance(old, dict) and isinstance(new, dict):
        return all(name in new and kept(value, new[name]) for name, value in old.items())
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(kept, old, new))
    return old == new


def test_every_type_has_one(golden: dict[str, RecordFile]) -> None:
    assert golden.keys() == EVENTS.keys()


@pytest.mark.parametrize("event_type", EVENTS)
def test_it_is_read_and_written_again_as_it_was(event_type: str, golden: dict[str, RecordFile]) -> None:
    record = golden[event_type]
    assert list(record.problems()) == []
    envelope, event = parse(record.headers, record.key.encode(), record.value)
    assert isinstance(event, EVENTS[event_type])
    assert tuple(envelope.headers()) == record.headers
    assert record.value is not None
    assert kept(json.loads(record.value), json.loads(event.model_dump_json()))


@pytest.mark.parametrize("event_type", EVENTS)
def test_the_cloudevents_package_reads_it(event_type: str, golden: dict[str, RecordFile]) -> None:
    record = golden[event_type]
    read = from_kafka_event(KafkaMessage(dict(record.headers), record.key.encode(), record.value or b""))
    assert (read.get_type(), read.get_data()) == (event_type, json.loads(record.value or b""))


@pytest.mark.parametrize("event_type", EVENTS)
def test_the_committed_schema_accepts_it(event_type: str, golden: dict[str, RecordFile]) -> None:
    schema = Contract.committed().schemas[event_type]
    jsonschema_rs.meta.validate(schema)
    value = json.loads(golden[event_type].value or b"")
    validator = jsonschema_rs.validator_for(schema, validate_formats=True)
    validator.validate(value)
    for field in schema["required"]:
        assert not validator.is_valid({name: kept for name, kept in value.items() if name != field})


@pytest.mark.parametrize("service", SERVICES)
async def test_every_consumer_reads_those_of_its_topics(
    service: str, golden: dict[str, RecordFile], composed: Callable[[str], Awaitable[Service]]
) -> None:
    consumers = (await composed(service)).consumers
    types = frozenset(type_ for consumer in consumers for type_ in consumer.types)
    read = [
        parse(golden[type_].headers, golden[type_].key.encode(), golden[type_].value)[1] for type_ in types
    ]
    assert {event.type for event in read} == types
    assert {event.topic for event in read} == {
        topic.name for topic in TOPICS if service in map(service_of, topic.consumers)
    }


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"topic": "identity.code.v1"}, "belongs on notifier.mail.v1"),
        ({"key": "another"}, "the key is not the one that the data names"),
        ({"value": b"{}"}, "these fields are not valid"),
    ],
)
def test_a_record_that_is_not_right_is_noticed(
    changed: dict[str, str], problem: str, golden: dict[str, RecordFile]
) -> None:
    record = replace(golden["newsreel.notifier.mail.accepted.v1"], **changed)  # type: ignore[arg-type]
    assert problem in " ".join(record.problems())


def test_wrong_attributes_are_noticed(golden: dict[str, RecordFile]) -> None:
    record = golden["newsreel.notifier.mail.accepted.v1"]
    wrong = {"ce_source": b"/elsewhere", "ce_dataschema": b"urn:x", "ce_partitionkey": b"another"}
    headers = dict(record.headers) | wrong
    found = list(replace(record, headers=tuple(headers.items())).problems())
    assert [problem.split()[0] for problem in found] == ["ce_partitionkey", "ce_source", "ce_dataschema"]


def test_none_was_made_again() -> None:
    if not (CHECKOUT / ".git").exists():
        pytest.skip("no git history here")
    assert made_again(CHECKOUT / "shared/events/examples") == []


def test_one_that_is_made_again_is_caught(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        command = ["git", "-C", str(tmp_path), *identity, *words]
        subprocess.run(command, check=True, capture_output=True)

    git("init", "-q")
    for text in ("1", "2"):
        for name in ("golden.json", "retired.json"):
            (tmp_path / name).write_text(text)
        git("add", ".")
        git("commit", "-qm", text)
    git("rm", "-q", "retired.json")
    git("commit", "-qm", "retired")
    assert made_again(tmp_path) == ["golden.json"]
