"""What may not change about a topic that others read."""

from collections.abc import Iterator
from typing import Any

_PERIODS = ("retention.ms", "min.compaction.lag.ms", "delete.retention.ms")

Facts = dict[str, Any]


def topic_breaks(old: Facts, new: Facts | None) -> Iterator[tuple[str, str]]:
    """(rule, detail) of each promise about one topic that `new` does not keep; None: it is gone."""
    if new is None:
        yield "topic-removed", "the table does not have it any more"
        return
    if old["key"] != new["key"]:
        yield (
            "key-changed",
            f"the key was the {old['key']} and is the {new['key']}: order and compaction break",
        )
    if old["producer"] != new["producer"]:
        yield "producer-changed", f"{old['producer']} published it, now {new['producer']} does"
    if new["public"] and not old["public"]:
        yield "made-public", "it was private, and its records carry personal data: make another topic"
    if old["public"] and not new["public"]:
        yield "made-private", "it was public: other teams lose it"
    if old["partitions"] != new["partitions"]:
        detail = (
            f"{old['partitions']} partitions became {new['partitions']}: a key's next event goes elsewhere"
        )
        yield "partitions-changed", detail
    yield from _keeping(old["config"], new["config"])


def _keeping(old: dict[str, str], new: dict[str, str]) -> Iterator[tuple[str, str]]:
    before, after = (config.get("cleanup.policy", "delete") for config in (old, new))
    if before != after:
        yield "cleanup-changed", f"cleanup.policy was {before} and is {after}"
    for name in _PERIODS:
        if name in old and int(new.get(name, "0")) < int(old[name]):
            yield "kept-shorter", f"{name} was {old[name]} and is {new.get(name, 'not set')}"
