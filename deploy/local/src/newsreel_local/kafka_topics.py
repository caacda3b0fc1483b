"""Creates the topics of the table, those for parked and replayed records; keeps their settings in line."""

from dataclasses import dataclass
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import for_code

from newsreel_events.topics import TOPICS
from newsreel_runtime.kafka import connection_options
from newsreel_runtime.settings import Kafka

_EXISTS = 36


@dataclass(frozen=True)
class Wanted:
    """A topic as it should be."""

    name: str
    partitions: int
    config: dict[str, str]


def wanted() -> list[Wanted]:
    """The topics of the table, each followed by those for what its consumers park and replay."""
    found = []
    for topic in TOPICS:
        found.append(Wanted(topic.name, topic.partitions, dict(topic.config)))
        found += [
            Wanted(name, topic.partitions, topic.parked_config)
            for consumer in topic.consumers
            for name in (topic.parked(consumer), topic.replayed(consumer))
        ]
    return found


async def ensure_topics(kafka: Kafka) -> list[str]:
    """Create the topics that are missing and say which; settings of the others are set to the table's.

    Three replicas where there are three brokers. Raises aiokafka's errors.
    """
    admin = AIOKafkaAdminClient(client_id="newsreel-topics", **connection_options(kafka))
    await admin.start()
    try:
        there = set(await admin.list_topics())
        missing = [topic for topic in wanted() if topic.name not in there]
        if missing:
            replication = min(3, len((await admin.describe_cluster())["brokers"]))
            _check(
                await admin.create_topics(
                    [
                        NewTopic(topic.name, topic.partitions, replication, topic_configs=topic.config)
                        for topic in missing
                    ]
                )
            )
        kept = [topic for topic in wanted() if topic.name in there]
        if kept:
            await admin.alter_configs(
                [ConfigResource(ConfigResourceType.TOPIC, topic.name, topic.config) for topic in kept]
            )
    finally:
        await admin.close()
    return [topic.name for topic in missing]


def _check(response: Any) -> None:
    for topic, code, *message in response.topic_errors:
        if code not in (0, _EXISTS):
            raise for_code(code)(f"topic {topic}: {message}")
