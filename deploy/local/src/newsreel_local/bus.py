"""The topics of the bus and who may use them: made before any service that reads or writes them starts."""

from dataclasses import dataclass
from pathlib import Path

from newsreel_local import digest
from newsreel_local.environment import Layout
from newsreel_local.process import StartError


@dataclass(frozen=True)
class Prepared:
    """What was missing: topics created, ACLs added or removed."""

    topics: int = 0
    acls: int = 0


def _stamp(layout: Layout) -> Path:
    return layout.local.data("kafka") / "topics-and-acls"


def _digest() -> str:
    return digest.of_packages(["newsreel_events"], (".py",))


def is_known(layout: Layout) -> bool:
    """Whether our own Kafka has the topics and the ACLs of exactly this table already."""
    return not layout.external_kafka and digest.is_current(_stamp(layout), _digest())


async def prepare(layout: Layout) -> Prepared:
    """Create what is missing and say how much. Raises `StartError`.

    The ACLs of a Kafka that is not ours stay as they are: all services share the one user named for it.
    """
    from confluent_kafka import KafkaException

    from newsreel_bus.acls import ensure_acls
    from newsreel_bus.topics import ensure_topics
    from newsreel_runtime.settings import Kafka

    settings = Kafka.model_validate(layout.group("NEWSREEL_KAFKA_", layout.kafka("admin")))
    try:
        if layout.external_kafka:
            return Prepared(len(await ensure_topics(settings)))
        acls = await ensure_acls(
            settings
        )  # first: they apply at once, but after new topics only seconds later
        created = await ensure_topics(settings)
    except (KafkaException, OSError) as error:
        raise StartError(f"Kafka at {settings.bootstrap}: {type(error).__name__}: {error}") from error
    _stamp(layout).write_text(_digest())
    return Prepared(len(created), len(acls.added | acls.removed))
