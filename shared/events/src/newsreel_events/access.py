"""Who may do what on the bus: derived from the topics table, the single source for the broker's ACLs.

Kafka grants nothing that is not listed. Reading or writing includes seeing that the topic or group is there
(DESCRIBE), and writing any topic includes an idempotent producer. Nothing here says who a user is: that is
SASL's part.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from newsreel_events.topics import TOPICS, Topic, service_of

Operation = Literal["read", "write"]
Kind = Literal["topic", "group"]


@dataclass(frozen=True, order=True)
class Right:
    """`user` may do `operation` on the topic or group `name`; with `prefix`, on all whose names begin so."""

    user: str
    kind: Kind
    name: str
    operation: Operation
    prefix: bool = False


def rights(topics: Iterable[Topic] = TOPICS) -> frozenset[Right]:
    """What the services of the table may do. A service's user has its name, its groups begin with it."""
    return frozenset(right for topic in topics for right in _of(topic))


def _of(topic: Topic) -> Iterator[Right]:
    yield Right(topic.producer, "topic", topic.name, "write")
    for consumer in topic.consumers:
        user = service_of(consumer)
        yield Right(user, "group", consumer, "read")
        yield Right(user, "topic", topic.name, "read")
        # The service parks, an operator who acts as it replays; both stay between it and itself.
        for own in (topic.parked(consumer), topic.replayed(consumer)):
            yield Right(user, "topic", own, "read")
            yield Right(user, "topic", own, "write")


def subscriber_rights(
    user: str, topics: Iterable[Topic] = TOPICS, group: str | None = None
) -> frozenset[Right]:
    """What any other service is given: the public topics, in groups `user` and `user.…`, or in `group`."""
    groups = {Right(user, "group", user, "read"), Right(user, "group", f"{user}.", "read", prefix=True)}
    if group is not None:
        groups = {Right(user, "group", group, "read")}
    return frozenset(groups | {Right(user, "topic", topic.name, "read") for topic in topics if topic.public})


def private_readers(topics: Iterable[Topic] = TOPICS) -> frozenset[str]:
    """Who reads anything of the private topics, what was parked from them and what comes back included."""
    granted = rights(topics)
    names = {topic.name for topic in topics if not topic.public}
    readers = {right.user for right in granted if right.operation == "read" and _within(right.name, names)}
    return frozenset(readers)


def _within(name: str, topics: Iterable[str]) -> bool:
    return any(name == topic or name.startswith(f"{topic}.") for topic in topics)
