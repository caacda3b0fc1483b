"""The topics of the bus: made before any service that reads or writes them starts."""

from pathlib import Path

from newsreel_local import digest
from newsreel_local.environment import Layout
from newsreel_local.process import StartError


def _stamp(layout: Layout) -> Path:
    return layout.local.data("kafka") / "topics"


def _digest() -> str:
    return digest.of_packages(["newsreel_events"], (".py",))


def topics_are_known(layout: Layout) -> bool:
    """Whether our own Kafka has the topics of exactly this table already."""
    return not layout.external_kafka and digest.is_current(_stamp(layout), _digest())


async def prepare(layout: Layout) -> list[str]:
    """Create what is missing and say what. Raises `StartError`."""
    from aiokafka.errors import KafkaError

    from newsreel_local.kafka_topics import ensure_topics
    from newsreel_runtime.settings import Kafka

    settings = Kafka.model_validate(layout.group("NEWSREEL_KAFKA_", layout.kafka("admin")))
    try:
        created = await ensure_topics(settings)
    except (KafkaError, OSError) as error:
        raise StartError(f"Kafka at {settings.bootstrap}: {type(error).__name__}: {error}") from error
    if not layout.external_kafka:
        _stamp(layout).write_text(_digest())
    return created
