"""The tables of docs/security/bus.md: who may do what. The words around them are written by hand."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from newsreel_events.access import Right, rights, subscriber_rights
from newsreel_events.topics import Topic

PAGE = Path("docs/security/bus.md")
_BEGIN, _END = "<!-- rights -->", "<!-- end of rights -->"


def with_rights(text: str, topics: Sequence[Topic]) -> str:
    """The page with the tables of today between its two marks; an empty one gets them at its end."""
    before, _, rest = text.partition(_BEGIN)
    after = rest.partition(_END)[2] or "\n"
    return before + "\n".join([_BEGIN, *_tables(topics), _END]) + after


def _tables(topics: Sequence[Topic]) -> Iterator[str]:
    granted = rights(topics)
    yield "| topic | may write | may read |"
    yield "|---|---|---|"
    for topic in topics:
        beside = [name(consumer) for consumer in topic.consumers for name in (topic.parked, topic.replayed)]
        for name in (topic.name, *beside):
            closed = "" if topic.public else ", **private**"
            yield f"| `{name}`{closed} | {_users(granted, name, 'write')} | {_users(granted, name, 'read')} |"
    yield ""
    yield "| group | members |"
    yield "|---|---|"
    for group in sorted({right.name for right in granted if right.kind == "group"}):
        yield f"| `{group}` | {_users(granted, group, 'read')} |"
    yield ""
    yield "Another team's service, here with the user `partner`:"
    yield ""
    yield "| | may read |"
    yield "|---|---|"
    for right in sorted(subscriber_rights("partner", topics)):
        yield f"| {right.kind} | `{right.name}{'*' if right.prefix else ''}` |"


def _users(granted: frozenset[Right], name: str, operation: str) -> str:
    users = {right.user for right in granted if right.name == name and right.operation == operation}
    return ", ".join(sorted(users)) or "nobody"
