"""One Kafka record as a JSON file: `{"topic", "key", "headers": {name: text}, "value"}`, as in examples/."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from newsreel_events.envelope import Envelope, MalformedError, TraceContext, parse
from newsreel_events.topics import TOPICS


class _Members(list[tuple[str, Any]]):
    """A JSON object's members as they stand there, so that a header that comes twice is seen."""


@dataclass(frozen=True)
class RecordFile:
    """`value` is what Kafka carries: JSON as bytes, or None for a tombstone."""

    topic: str
    key: str
    headers: tuple[tuple[str, bytes], ...]
    value: bytes | None

    @classmethod
    def loads(cls, text: str) -> "RecordFile":
        """Raises `MalformedError` when the text is no such record."""
        try:
            members = dict(json.loads(text, object_pairs_hook=_Members))
            headers = tuple((name, value.encode()) for name, value in members["headers"])
            value = None if members["value"] is None else json.dumps(_plain(members["value"])).encode()
            return cls(str(members["topic"]), str(members["key"]), headers, value)
        except json.JSONDecodeError as error:
            raise MalformedError(f"this is no JSON: {error}") from error
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            shape = '{"topic": text, "key": text, "headers": {name: text}, "value": object or null}'
            raise MalformedError(f"a record looks like {shape}") from error

    def problems(self) -> Iterator[str]:
        """What a reader of this record would stumble over; nothing for a good one."""
        if self.value is None:
            if self.topic not in {topic.name for topic in TOPICS if topic.compacted}:
                yield f"a tombstone means nothing on {self.topic}: only compacted topics have them"
            return
        try:
            envelope, event = parse(self.headers, self.key.encode(), self.value)
        except ValueError as error:
            yield str(error) if isinstance(error, MalformedError) else f"this package does not know {error}"
            return
        if event.topic != self.topic:
            yield f"{event.type} belongs on {event.topic}"
        if event.key != self.key:
            yield "the key is not the one that the data names"
        if dict(self.headers).get("ce_partitionkey", self.key.encode()) != self.key.encode():
            yield "ce_partitionkey is to be the key"
        due = Envelope.of(event, event_id=envelope.id, time=envelope.time, trace=TraceContext())
        for attribute in ("source", "subject", "dataschema"):
            if getattr(envelope, attribute) != getattr(due, attribute):
                yield f"ce_{attribute} is to be {getattr(due, attribute)}"


def _plain(value: Any) -> Any:
    """Objects as dictionaries again: the last of two members with one name wins, as in most readers."""
    if isinstance(value, _Members):
        return {name: _plain(item) for name, item in value}
    return [_plain(item) for item in value] if isinstance(value, list) else value
