"""What `python -m newsreel_events` prints."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from newsreel_events.envelope import MalformedError
from newsreel_events.examples import example_of
from newsreel_events.fields import fields_of
from newsreel_events.record_file import RecordFile
from newsreel_events.schemas import schema_of
from newsreel_events.topics import EVENTS, TOPICS


def refuse(why: str) -> int:
    """Say why not; the exit code."""
    print(why, file=sys.stderr)
    return 1


def topics(*, as_json: bool) -> int:
    if as_json:
        print(json.dumps({topic.name: topic.facts() for topic in TOPICS}, indent=2))
        return 0
    rows = [("TOPIC", "KEY", "PRODUCER", "CONSUMERS HERE", "WHO MAY READ", "KEPT")]
    for topic in TOPICS:
        may = "everybody" if topic.public else "its consumers only"
        rows.append(
            (topic.name, topic.key, topic.producer, ", ".join(topic.consumers) or "-", may, topic.kept)
        )
    _columns(rows)
    return 0


def show(event_type: str, form: str) -> int:
    """One event type: in words, or its "schema" or "example" as JSON."""
    event = EVENTS[event_type]
    if form == "schema":
        print(json.dumps(schema_of(event), indent=2, ensure_ascii=False))
    elif form == "example":
        print(example_of(event_type), end="")
    else:
        (topic,) = [topic for topic in TOPICS if topic.name == event.topic]
        print(f"{event_type}\n{event.__doc__ or ''}\n")
        may = "public" if topic.public else "private"
        print(f"topic {topic.name} ({may}), key: {topic.key}, kept: {topic.kept}")
        print(f"published by {topic.producer}, consumed here by {', '.join(topic.consumers) or 'nobody'}\n")
        lines = fields_of(event)
        always = ["always" if line.required else "optional" for line in lines]
        _columns(
            [(line.name, line.kind, when, line.description) for line, when in zip(lines, always, strict=True)]
        )
    return 0


def validate(file: str) -> int:
    """Say whether a record is one that every reader understands."""
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        record = RecordFile.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        return refuse(f"{file}: cannot be read: {error}")
    except MalformedError as error:
        return refuse(f"{file}: {error}")
    problems = list(record.problems())
    for problem in problems:
        print(f"{file}: {problem}", file=sys.stderr)
    if not problems:
        kind = "tombstone" if record.value is None else dict(record.headers)["ce_type"].decode()
        print(f"{file}: {kind} on {record.topic}, key {record.key}: valid")
    return 1 if problems else 0


def _columns(rows: Sequence[Sequence[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
