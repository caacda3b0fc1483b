"""The topics of the bus: made before any service that reads or writes them starts."""

from aiokafka.errors import KafkaError

from newsreel_local.environment import Layout
from newsreel_local.kafka_topics import ensure_topics, table_digest
from newsreel_local.process import StartError
from newsreel_runtime.settings import Kafka


def topics_are_known(layout: Layout) -> bool:
    """Whether our own Kafka has the topics of exactly this table already."""
    stamp = layout.local.data("kafka") / "topics"
    return not layout.external_kafka and stamp.exists() and stamp.read_text() == table_digest()


async def prepare(layout: Layout) -> list[str]:
    """Create what is missing and say what. Raises `StartError`."""
    prefix = "NEWSREEL_KAFKA_"
    variables = layout.kafka("admin")
    settings = Kafka.model_validate(
        {name.removeprefix(prefix).lower(): text for name, text in variables.items()}
    )
    try:
        created = await ensure_topics(settings)
    except (KafkaError, OSError) as error:
        raise StartError(f"Kafka at {settings.bootstrap}: {type(error).__name__}: {error}") from error
    if not layout.external_kafka:
        (layout.local.data("kafka") / "topics").write_text(table_digest())
    return created
