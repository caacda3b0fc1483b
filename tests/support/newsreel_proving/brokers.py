"""One Kafka behind a proxy, or three that replicate."""

from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from pydantic import SecretStr

from newsreel_events import TOPICS, notifier
from newsreel_local.kafka import KafkaServer
from newsreel_runtime.kafka import connection_options
from newsreel_runtime.settings import Kafka

USERS = dict.fromkeys(("broker", "admin"), "secret")
PARTITIONS = 6
MAIL = next(topic for topic in TOPICS if topic.name == notifier.MAIL)


def behind_a_proxy(folder: Path, port: int, controller_port: int, proxy_port: int) -> KafkaServer:
    """A single node that sends its clients to the proxy."""
    different = {"advertised.listeners": f"SASL://127.0.0.1:{proxy_port}"}
    return KafkaServer(folder / "kafka", port, controller_port, USERS, different=different)


def three(folder: Path, ports: list[int], controller_ports: list[int]) -> list[KafkaServer]:
    """Three nodes; a record is acknowledged when two of them have it."""
    cluster = uuid4()
    voters = ",".join(f"{node}@127.0.0.1:{port}" for node, port in enumerate(controller_ports, 1))
    together = {
        "controller.quorum.voters": voters,
        "default.replication.factor": "3",
        "min.insync.replicas": "2",
        "offsets.topic.replication.factor": "3",
        "transaction.state.log.replication.factor": "3",
        "transaction.state.log.min.isr": "2",
        "replica.lag.time.max.ms": "3000",
    }
    return [
        KafkaServer(
            folder / f"kafka-{node}",
            port,
            controller_port,
            USERS,
            cluster=cluster,
            different={**together, "node.id": str(node)},
        )
        for node, (port, controller_port) in enumerate(zip(ports, controller_ports, strict=True), 1)
    ]


def settings(*ports: int) -> Kafka:
    """How the processes reach it."""
    bootstrap = ",".join(f"127.0.0.1:{port}" for port in ports)
    return Kafka(bootstrap=bootstrap, user="admin", password=SecretStr(USERS["admin"]))


async def make_topics(kafka: Kafka, groups: tuple[str, ...], replicas: int) -> None:
    """The topic of mails, and where each group parks and replays."""
    admin = AIOKafkaAdminClient(**connection_options(kafka))
    await admin.start()
    try:
        beside = [name for group in groups for name in (MAIL.parked(group), MAIL.replayed(group))]
        await admin.create_topics([NewTopic(name, PARTITIONS, replicas) for name in (MAIL.name, *beside)])
    finally:
        await admin.close()


async def in_sync(kafka: Kafka, replicas: int) -> bool:
    """Whether every partition has all of its replicas in step."""
    admin = AIOKafkaAdminClient(**connection_options(kafka))
    await admin.start()
    try:
        topics: list[Mapping[str, list[Mapping[str, list[int]]]]] = await admin.describe_topics()
        return all(len(part["isr"]) == replicas for topic in topics for part in topic["partitions"])
    finally:
        await admin.close()
