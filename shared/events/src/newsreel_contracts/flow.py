"""docs/flow.md: who publishes what, and who reads it."""

from collections.abc import Iterator, Sequence

from newsreel_events.fields import summary_of
from newsreel_events.topics import Topic


def flow(topics: Sequence[Topic]) -> str:
    """The page: a picture and two tables, in Markdown."""
    return "\n".join(_lines(topics)) + "\n"


def _lines(topics: Sequence[Topic]) -> Iterator[str]:
    yield "# Flow"
    yield ""
    yield "Made from the topics table by `python -m newsreel_contracts --write`: do not edit."
    yield ""
    yield "```mermaid"
    yield "flowchart LR"
    for topic in topics:
        name = topic.name if topic.public else f"{topic.name}, private"
        box = f'{_node(topic)}[("{name}")]'
        yield f"    {topic.producer} --> {box}"
        yield from (f"    {_node(topic)} --> {consumer}" for consumer in topic.consumers)
    yield "```"
    yield ""
    yield "| topic | key | producer | public | consumers here | kept |"
    yield "|---|---|---|---|---|---|"
    for topic in topics:
        who = ", ".join(topic.consumers) or "nobody"
        public = "yes" if topic.public else "**no**"
        key = topic.key.replace("<", "&lt;")
        yield f"| `{topic.name}` | {key} | {topic.producer} | {public} | {who} | {topic.kept} |"
    yield ""
    yield "| topic | event type | when |"
    yield "|---|---|---|"
    for topic in topics:
        for event in topic.events:
            when = summary_of(event)
            yield f"| `{topic.name}` | `{event.type}` | {when} |"
    yield ""
    yield "Each consumer parks what it cannot process on `<topic>.<consumer>.dlq`."


def _node(topic: Topic) -> str:
    return topic.name.replace(".", "_")
