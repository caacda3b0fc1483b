"""The Kafka of the local stack: closed to strangers, its topics as the table says, its records kept."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaConnectionError
from pydantic import SecretStr

from newsreel_bus.acls import ensure_acls
from newsreel_bus.topics import ensure_topics, wanted
from newsreel_events.access import rights
from newsreel_local.kafka import KafkaServer
from newsreel_local.ports import free_ports
from newsreel_runtime.kafka import connection_options
from newsreel_runtime.settings import Kafka


def settings(server: KafkaServer, user: str) -> Kafka:
    password = SecretStr(server.users[user])
    return Kafka(bootstrap=server.bootstrap, user=user, password=password)


@asynccontextmanager
async def admin(kafka: Kafka) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(**connection_options(kafka))
    await client.start()
    try:
        yield client
    finally:
        await client.close()


async def retention(client: AIOKafkaAdminClient, topic: str) -> str:
    (answer,) = await client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    (resource,) = answer.resources
    found: dict[str, str] = {name: value for name, value, *_ in resource[-1]}
    return found["retention.ms"]


async def test_topics_are_as_the_table_says_and_records_survive_a_kill(tmp_path: Path) -> None:
    users = {"broker": "one", "admin": "two", "identity": "three"}
    port, controller_port = free_ports(2)
    server = KafkaServer(tmp_path / "kafka", port, controller_port, users)
    await server.start()
    try:
        kafka = settings(server, "admin")
        assert set(await ensure_topics(kafka)) == {topic.name for topic in wanted()}
        assert await ensure_topics(kafka) == []
        assert len((await ensure_acls(kafka)).added) == len(rights())
        async with AIOKafkaProducer(
            acks="all", **connection_options(settings(server, "identity"))
        ) as producer:
            await producer.send_and_wait("identity.code.v1", b"value", key=b"key")
        await server.kill()
        await server.start()
        async with admin(kafka) as client:
            described = {topic["topic"]: topic for topic in await client.describe_topics()}
            assert {name: len(described[name]["partitions"]) for name in described if "." in name} == {
                topic.name: topic.partitions for topic in wanted()
            }
            assert await retention(client, "identity.code.v1") == "3600000"
            assert await retention(client, "identity.code.v1.notifier.dlq") == "86400000"
        options = connection_options(kafka)
        async with AIOKafkaConsumer("identity.code.v1", auto_offset_reset="earliest", **options) as consumer:
            assert (await consumer.getone()).value == b"value"
    finally:
        await server.stop()


async def test_a_stranger_is_refused(kafka_server: KafkaServer) -> None:
    stranger = settings(kafka_server, "admin").model_copy(update={"password": SecretStr("guessed")})
    producer = AIOKafkaProducer(**connection_options(stranger))
    with pytest.raises(KafkaConnectionError):
        await producer.start()
    await producer.stop()
