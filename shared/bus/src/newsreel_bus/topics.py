"""Kafka's topics: those of the table, those for parked and replayed records, and what of them is there."""

import asyncio
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    ResourceType,
)

from newsreel_bus.admin import TIMEOUT, admin_client
from newsreel_events.topics import TOPICS
from newsreel_runtime.settings import Kafka

_REPLICAS = 3  # of each partition, where there are that many brokers
# Partitions for what is parked and replayed: few records, in order in one. A consumer asks Kafka for each of
# its partitions in every fetch, so that twelve that are always empty would cost each mail.
_LETTERS = 1


@dataclass(frozen=True)
class Wanted:
    """A topic as it should be."""

    name: str
    partitions: int
    config: Mapping[str, str]


@dataclass(frozen=True)
class Found:
    """A topic as it is. `config` holds what is in force, defaults of the broker included."""

    partitions: int
    replicas: int
    config: Mapping[str, str | None]


@dataclass(frozen=True)
class Cluster:
    """The brokers' number, and the topics of ours that are there, by name."""

    brokers: int
    topics: Mapping[str, Found]

    @property
    def replicas(self) -> int:
        """How many replicas a partition is to have here."""
        return min(_REPLICAS, self.brokers)


def wanted() -> list[Wanted]:
    """The topics of the table, each followed by those for what its consumers park and replay."""
    found = []
    for topic in TOPICS:
        found.append(Wanted(topic.name, topic.partitions, dict(topic.config)))
        found += [
            Wanted(name, _LETTERS, topic.parked_config)
            for consumer in topic.consumers
            for name in (topic.parked(consumer), topic.replayed(consumer))
        ]
    return found


async def look(admin: AdminClient, names: Iterable[str]) -> Cluster:
    """What is there of these topics. Raises `confluent_kafka.KafkaException`."""
    metadata = await asyncio.to_thread(admin.list_topics, timeout=TIMEOUT)
    there = [name for name in names if name in metadata.topics]
    configs = await _configs(admin, there)
    topics = {}
    for name in there:
        partitions = metadata.topics[name].partitions.values()
        replicas = min((len(partition.replicas) for partition in partitions), default=0)
        topics[name] = Found(len(partitions), replicas, configs[name])
    return Cluster(len(metadata.brokers), topics)


async def _configs(admin: AdminClient, names: list[str]) -> dict[str, dict[str, str | None]]:
    if not names:
        return {}
    resources = [ConfigResource(ResourceType.TOPIC, name) for name in names]
    asked = admin.describe_configs(resources, request_timeout=TIMEOUT)
    answers = await asyncio.gather(*map(asyncio.wrap_future, asked.values()))
    return {
        resource.name: {name: entry.value for name, entry in answer.items()}
        for resource, answer in zip(asked, answers, strict=True)
    }


async def create(admin: AdminClient, topics: Iterable[Wanted], replicas: int) -> None:
    """Create them; one that somebody else just created is as good. Raises `KafkaException`."""
    new = [NewTopic(topic.name, topic.partitions, replicas, config=dict(topic.config)) for topic in topics]
    if new:
        created = admin.create_topics(new, request_timeout=TIMEOUT)
        await _settled(created.values(), KafkaError.TOPIC_ALREADY_EXISTS)


async def configure(admin: AdminClient, changes: Mapping[str, Mapping[str, str]]) -> None:
    """Set these values, topic by topic; what else is set on a topic stays. Raises `KafkaException`."""
    resources = [
        ConfigResource(
            ResourceType.TOPIC,
            name,
            incremental_configs=[
                ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET)
                for key, value in values.items()
            ],
        )
        for name, values in changes.items()
    ]
    if resources:
        changed = admin.incremental_alter_configs(resources, request_timeout=TIMEOUT)
        await _settled(changed.values())


async def add_partitions(admin: AdminClient, totals: Mapping[str, int]) -> None:
    """Raise each topic to its total. Most keys move: docs/runbooks/partitions.md. Raises `KafkaException`."""
    new = [NewPartitions(name, total) for name, total in totals.items()]
    if new:
        added = admin.create_partitions(new, request_timeout=TIMEOUT)
        await _settled(added.values())


async def _settled(futures: Iterable[Future[Any]], *accepted: int) -> None:
    """Wait for all, so that a failure in the middle leaves none unknown; raise the first that matters."""
    for result in await asyncio.gather(*map(asyncio.wrap_future, futures), return_exceptions=True):
        if isinstance(result, KafkaException) and result.args[0].code() in accepted:
            continue
        if isinstance(result, BaseException):
            raise result


async def ensure_topics(kafka: Kafka) -> list[str]:
    """Create the topics that are missing and say which; set what differs on the others.

    Three replicas where there are three brokers. Raises `KafkaException`.
    """
    admin = admin_client(kafka)
    topics = wanted()
    cluster = await look(admin, [topic.name for topic in topics])
    missing = [topic for topic in topics if topic.name not in cluster.topics]
    await create(admin, missing, cluster.replicas)
    await configure(admin, differing(topics, cluster))
    return [topic.name for topic in missing]


def differing(topics: Iterable[Wanted], cluster: Cluster) -> dict[str, dict[str, str]]:
    """What has to be set, topic by topic, on those that are there."""
    changes = {}
    for topic in topics:
        if found := cluster.topics.get(topic.name):
            values = {name: value for name, value in topic.config.items() if found.config.get(name) != value}
            if values:
                changes[topic.name] = values
    return changes
