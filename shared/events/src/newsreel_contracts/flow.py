"""docs/flow.md: who publishes what, and who reads it."""

from collections.abc import Iterator, Sequence

from newsreel_events.topics import Topic

_DAY = 24 * 60 * 60 * 1000


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
        yield f"| `{topic.name}` | {key} | {topic.producer} | {public} | {who} | {kept(topic)} |"
    yield ""
    yield "| topic | event type | when |"
    yield "|---|---|---|"
    for topic in topics:
        for event in topic.events:
            when = (event.__doc__ or "").strip().splitlines()[0]
            yield f"| `{topic.name}` | `{event.type}` | {when} |"
    yield ""
    yield "Each consumer parks what it cannot process on `<topic>.<consumer>.dlq`."


def _node(topic: Topic) -> str:
    return topic.name.replace(".", "_")


def kept(topic: Topic) -> str:
    """For how long a record can be read, in words."""
    if topic.config.get("cleanup.policy") == "compact":
        all_of_them = int(topic.config.get("min.compaction.lag.ms", "0"))
        every = f"all {_period(all_of_them)}, " if all_of_them else ""
        return f"{every}the last of each key for ever"
    return _period(int(topic.config["retention.ms"]))


def _period(milliseconds: int) -> str:
    days, hours = milliseconds // _DAY, milliseconds // (_DAY // 24)
    return f"{days} d" if days else f"{hours} h"
