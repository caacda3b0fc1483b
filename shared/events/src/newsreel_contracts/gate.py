"""The gate: do yesterday's readers and yesterday's records survive the contract of now?"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from newsreel_contracts.contract import Contract
from newsreel_contracts.differences import differences
from newsreel_contracts.topic_rules import topic_breaks


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
        for difference in differences(schema, new.schemas[name]):
            yield Break(difference.rule, name, f"`{difference.field or 'data'}`: {difference.detail}")


def _hurt(subject: str, old: Contract, new: Contract) -> tuple[str, ...]:
    """The consumers of a topic, or of the topic that carries a type, before and now."""
    names = {subject, old.topic_of(subject), new.topic_of(subject)}
    tables = [t.topics[name] for t in (old, new) for name in sorted(filter(None, names)) if name in t.topics]
    consumers = list(dict.fromkeys(consumer for table in tables for consumer in table["consumers"]))
    public = any(table["public"] for table in tables)
    return (*consumers, *(["every other team that subscribes (the topic is public)"] if public else []))
