"""The gate: is the contract of now one that yesterday's readers and yesterday's records survive?

Two judges look at each schema, and one "no" is enough. jsoncompat proves inclusion: what is written now is
valid for readers of the committed schema (role `serializer`), and what was written so far for readers of the
new one (role `deserializer`: compacted topics keep records for ever). It sees no formats and defaults and, by
version, no patterns or no names of members; and it gives no reason. `differences` does. Topics have rules of
their own.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import jsoncompat

from newsreel_contracts.contract import Contract
from newsreel_contracts.differences import differences
from newsreel_contracts.topic_rules import topic_breaks
from newsreel_events.schemas import JsonSchema


@dataclass(frozen=True)
class Break:
    """`subject` is an event type or a topic; `breaks` are the services and teams that it hurts."""

    rule: str
    subject: str
    detail: str
    breaks: tuple[str, ...] = ()

    def __str__(self) -> str:
        hurt = ", ".join(self.breaks) or "nobody in this repository"
        return f"{self.subject}: {self.rule}: {self.detail}\n    breaks: {hurt}"


def breaks(old: Contract, new: Contract) -> list[Break]:
    """Everything in `new` that breaks the promise of `old`."""
    return [replace(found, breaks=_hurt(found.subject, old, new)) for found in _all(old, new)]


def _all(old: Contract, new: Contract) -> Iterator[Break]:
    for name, before in old.topics.items():
        for rule, detail in topic_breaks(before, new.topics.get(name)):
            yield Break(rule, name, detail)
    for name, schema in old.schemas.items():
        if name not in new.schemas:
            yield Break("type-removed", name, "no model has this type any more")
            continue
        was, now = old.topic_of(name), new.topic_of(name)
        if was is not None and was != now:
            yield Break("type-moved", name, f"it was on {was} and is on {now}")
        yield from _schema_breaks(name, schema, new.schemas[name])


def _schema_breaks(name: str, old: JsonSchema, new: JsonSchema) -> Iterator[Break]:
    found = differences(old, new)
    for one in found:
        yield Break(one.rule, name, f"`{one.field or 'data'}`: {one.detail}")
    if not found and not (readers_keep_reading(old, new) and records_stay_readable(old, new)):
        yield Break("not-compatible", name, "jsoncompat finds records that one side refuses")


def readers_keep_reading(old: JsonSchema, new: JsonSchema) -> bool:
    """jsoncompat: whatever is written by `new` is valid for `old`."""
    return jsoncompat.check_compat(_text(old), _text(new), "serializer")


def records_stay_readable(old: JsonSchema, new: JsonSchema) -> bool:
    """jsoncompat: whatever was written by `old` is valid for `new`. Nobody wrote fields that `old` lacks."""
    return jsoncompat.check_compat(_text(_closed(old)), _text(new), "deserializer")


def _text(schema: JsonSchema) -> str:
    """Without `$id`: jsoncompat takes it for a remote reference."""
    return json.dumps({word: text for word, text in schema.items() if word != "$id"})


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {word: _closed(text) for word, text in schema.items()}
    if schema.get("type") == "object" and "properties" in schema:
        closed.setdefault("additionalProperties", False)
    return closed


def _hurt(subject: str, old: Contract, new: Contract) -> tuple[str, ...]:
    """The consumers of a topic, or of the topic that carries a type, before and now."""
    names = {subject, old.topic_of(subject), new.topic_of(subject)}
    tables = [t.topics[name] for t in (old, new) for name in sorted(filter(None, names)) if name in t.topics]
    consumers = list(dict.fromkeys(one for table in tables for one in table["consumers"]))
    public = any(table["public"] for table in tables)
    return (*consumers, *(["every other team that subscribes (the topic is public)"] if public else []))
