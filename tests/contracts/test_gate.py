"""Each way to break the contract is noticed, by name and with whom it hurts; what breaks nothing passes."""

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from newsreel_contracts.contract import Contract
from newsreel_contracts.gate import breaks
from newsreel_events.schemas import JsonSchema

CODE = "newsreel.identity.code.signup-requested.v1"
VIDEO = "newsreel.catalog.video.published.v1"
NOW = Contract.of()

Change = Callable[[JsonSchema], Any]


def fields(schema: JsonSchema, part: str | None = None) -> dict[str, Any]:
    """The fields of the data, or of one of its parts."""
    found: dict[str, Any] = (schema if part is None else schema["$defs"][part])["properties"]
    return found


def text_names(schema: JsonSchema) -> dict[str, Any]:
    """The names that a text of a shot may have: its languages."""
    found: dict[str, Any] = fields(schema, "ShotV1")["text"]["propertyNames"]
    return found


def rename(old: str, new: str) -> Change:
    def change(schema: JsonSchema) -> None:
        fields(schema)[new] = fields(schema).pop(old)
        schema["required"] = [new if name == old else name for name in schema["required"]]

    return change


def add(name: str, *, required: bool) -> Change:
    def change(schema: JsonSchema) -> None:
        fields(schema)[name] = {"type": "string"} if required else {"type": "string", "default": ""}
        schema["required"] += [name] if required else []

    return change


def drop(schema: JsonSchema) -> None:
    del fields(schema)["address"]
    schema["required"].remove("address")


def with_changed(event_type: str, change: Change) -> Contract:
    schema = deepcopy(NOW.schemas[event_type])
    change(schema)
    return Contract({**NOW.schemas, event_type: schema}, NOW.topics)


PLANTED: list[tuple[str, str, Change]] = [
    ("field-renamed", CODE, rename("address", "mail")),
    ("field-removed", CODE, drop),
    ("field-removed", VIDEO, lambda s: fields(s, "VideoStateV1").pop("shotlist")),
    ("field-required", CODE, add("region", required=True)),
    ("field-required", VIDEO, lambda s: s["$defs"]["VideoStateV1"]["required"].append("people")),
    ("field-optional", CODE, lambda s: s["required"].remove("kid")),
    ("type-changed", CODE, lambda s: fields(s)["generation"].update(type="string")),
    ("type-changed", CODE, lambda s: fields(s)["generation"].update(type="number")),
    ("type-changed", VIDEO, lambda s: fields(s, "ShotV1").update(speaker={"type": "string"})),
    ("type-changed", CODE, lambda s: fields(s)["challenge_id"].pop("format")),
    ("type-changed", CODE, lambda s: fields(s)["requested_at"].update(format="date")),
    ("type-changed", CODE, lambda s: s.update(additionalProperties=False)),
    ("type-changed", CODE, lambda s: fields(s)["locale"].update(enum=["en", "fr", "uk"])),
    ("type-changed", VIDEO, lambda s: fields(s, "VideoStateV1")["status"].update(const="usable")),
    ("values-removed", CODE, lambda s: fields(s)["locale"]["x-known-values"].remove("uk")),
    ("values-removed", CODE, lambda s: fields(s)["locale"].pop("x-known-values")),
    ("values-removed", VIDEO, lambda s: text_names(s)["x-known-values"].remove("uk")),
    ("pattern-changed", VIDEO, lambda s: text_names(s).pop("pattern")),
    ("bound-changed", CODE, lambda s: fields(s)["generation"].update(minimum=2)),
    ("bound-changed", CODE, lambda s: fields(s)["kid"].update(maxLength=8)),
    ("bound-changed", CODE, lambda s: fields(s)["kid"].pop("maxLength")),
    ("pattern-changed", VIDEO, lambda s: fields(s, "RenditionV1")["sha256"].pop("pattern")),
    ("default-changed", VIDEO, lambda s: fields(s, "VideoStateV1")["people"].update(default=[{}])),
]


@pytest.mark.parametrize(("rule", "event_type", "change"), PLANTED)
def test_a_break_of_a_schema_is_named(rule: str, event_type: str, change: Change) -> None:
    found = breaks(NOW, with_changed(event_type, change))
    assert {difference.rule for difference in found} == {rule}
    assert {difference.subject for difference in found} == {event_type}


@pytest.mark.parametrize(
    ("event_type", "change"),
    [
        (CODE, add("region", required=False)),
        (CODE, lambda s: s.update(description="said better")),
        (CODE, lambda s: fields(s)["locale"]["x-known-values"].append("de")),
        (VIDEO, lambda s: text_names(s)["x-known-values"].append("de")),
        (VIDEO, lambda s: fields(s, "VideoStateV1")["status"]["x-known-values"].insert(0, "archived")),
        (VIDEO, lambda s: fields(s, "VideoStateV1")["location"].update({"x-known-values": ["Kyiv"]})),
        (
            VIDEO,
            lambda s: fields(s, "ShotV1").update(camera={"anyOf": [{"type": "string"}, {"type": "null"}]}),
        ),
        (VIDEO, lambda s: s["$defs"].update(Unused={"type": "object"})),
    ],
)
def test_what_breaks_nobody_passes(event_type: str, change: Change) -> None:
    assert breaks(NOW, with_changed(event_type, change)) == []


@pytest.mark.parametrize("event_type", NOW.schemas)
def test_no_set_of_values_is_closed(event_type: str) -> None:
    """D26: a closed one could never grow."""
    text = json.dumps(NOW.schemas[event_type])
    assert '"enum"' not in text
    assert '"const"' not in text


def test_who_is_hurt_is_said() -> None:
    (private,) = breaks(NOW, with_changed(CODE, drop))
    assert private.breaks == ("notifier",)
    assert "`address`" in private.detail
    (public,) = breaks(NOW, with_changed(VIDEO, lambda s: fields(s, "ShotV1").pop("speaker")))
    assert public.breaks[:-1] == ("delivery", "notifier-newsletter")
    assert "public" in public.breaks[-1]


def with_topics(change: Callable[[dict[str, Any]], Any]) -> Contract:
    topics = json.loads(json.dumps(NOW.topics))
    change(topics)
    return Contract(NOW.schemas, topics)


def move(topics: dict[str, Any]) -> None:
    topics["identity.code.v1"]["types"].remove(CODE)
    topics["identity.contact.v1"]["types"].append(CODE)


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("topic-removed", lambda t: t.pop("delivery.download.v1")),
        ("type-moved", move),
        ("key-changed", lambda t: t["identity.account.v1"].update(key="address")),
        ("producer-changed", lambda t: t["identity.account.v1"].update(producer="portal")),
        ("made-public", lambda t: t["identity.code.v1"].update(public=True)),
        ("made-private", lambda t: t["catalog.video.v1"].update(public=False)),
        ("partitions-changed", lambda t: t["catalog.video.v1"].update(partitions=24)),
        ("cleanup-changed", lambda t: t["catalog.video.v1"]["config"].pop("cleanup.policy")),
        ("kept-shorter", lambda t: t["notifier.mail.v1"]["config"].update({"retention.ms": "1000"})),
    ],
)
def test_a_break_of_the_table_is_named(rule: str, change: Callable[[dict[str, Any]], Any]) -> None:
    assert rule in {difference.rule for difference in breaks(NOW, with_topics(change))}


def test_a_type_without_a_model_is_named() -> None:
    kept = {name: schema for name, schema in NOW.schemas.items() if name != CODE}
    (found,) = breaks(NOW, Contract(kept, NOW.topics))
    assert (found.rule, found.subject, found.breaks) == ("type-removed", CODE, ("notifier",))


def test_a_new_type_a_new_topic_and_a_new_consumer_pass() -> None:
    account = {**NOW.topics["identity.account.v1"], "consumers": ["delivery", "portal"]}
    before = Contract(
        {name: schema for name, schema in NOW.schemas.items() if name != CODE},
        {name: facts for name, facts in NOW.topics.items() if name != "identity.code.v1"},
    )
    assert breaks(before, Contract(NOW.schemas, {**NOW.topics, "identity.account.v1": account})) == []
