"""The real authorizer: each user may do what the topics table says, and nothing else."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaConnectionError,
)
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    ResourcePatternType,
    ResourceType,
)
from pydantic import SecretStr

from newsreel_bus.acls import Changes, add, binding, ensure_acls, list_acls, surplus
from newsreel_bus.admin import admin_client
from newsreel_bus.topics import ensure_topics, wanted
from newsreel_events.access import Operation, rights, subscriber_rights
from newsreel_local.kafka import KafkaServer
from newsreel_local.ports import free_ports
from newsreel_runtime.kafka import connection_options
from newsreel_runtime.producer import started_producer
from newsreel_runtime.settings import Kafka
from newsreel_testing.broker_probe import readable, visible, writable
from newsreel_testing.bus import foreign_producer

SERVICES = ("identity", "notifier", "catalog", "delivery")
PARTNER = "partner"  # another team's service
USERS = (*SERVICES, PARTNER, "stranger")
RIGHTS = rights() | subscriber_rights(PARTNER)
PRIVATE = ("identity.code.v1", "identity.contact.v1")


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[KafkaServer]:
    """A Kafka as the local stack has it, with a partner and a stranger."""
    users = {name: f"{name}-secret" for name in ("broker", "admin", *USERS)}
    port, controller_port = free_ports(2)
    running = KafkaServer(tmp_path_factory.mktemp("acls"), port, controller_port, users)
    await running.start()
    kafka = acting(running, "admin")
    await add(admin_client(kafka), frozenset(map(binding, subscriber_rights(PARTNER))))
    await ensure_acls(kafka)
    await ensure_topics(kafka)
    await a_record_on_each_topic(kafka)
    yield running
    await running.stop()


def acting(server: KafkaServer, user: str) -> Kafka:
    """How this user reaches it."""
    return Kafka(bootstrap=server.bootstrap, user=user, password=SecretStr(server.users[user]))


async def a_record_on_each_topic(kafka: Kafka) -> None:
    """Return when the broker leads them all: it decides that they exist first, and makes them then."""
    async with foreign_producer(kafka) as producer:
        sending = (producer.send_and_wait(topic.name, b"value", b"key", partition=0) for topic in wanted())
        await asyncio.gather(*sending)


def allowed(user: str, *operations: Operation) -> set[str]:
    """The topics on which the table lets this user do any of these."""
    return {
        right.name
        for right in RIGHTS
        if right.user == user and right.kind == "topic" and right.operation in operations
    }


async def joined(kafka: Kafka, group: str) -> None:
    """Become a member of a group on a public topic."""
    consumer = AIOKafkaConsumer("identity.account.v1", group_id=group, **connection_options(kafka))
    try:
        async with asyncio.timeout(15):
            await consumer.start()
            await consumer.getmany(timeout_ms=0)
    finally:
        await consumer.stop()


@pytest.mark.parametrize("user", USERS)
async def test_a_user_may_do_exactly_what_the_table_says(user: str, server: KafkaServer) -> None:
    kafka, names = acting(server, user), [topic.name for topic in wanted()]
    reads, writes, sees = await asyncio.gather(readable(kafka, names), writable(kafka, names), visible(kafka))
    assert reads == allowed(user, "read")
    assert writes == allowed(user, "write")
    assert sees == allowed(user, "read", "write")
    refused = f"User:{user} is Denied operation = READ from host = 127.0.0.1 on resource = Topic:LITERAL"
    assert all(f"{refused}:{name} for" in server.log.read_text() for name in set(names) - reads)


async def test_nobody_but_the_notifier_reads_private_topics(server: KafkaServer) -> None:
    names = [
        name for topic in PRIVATE for name in (topic, f"{topic}.notifier.dlq", f"{topic}.notifier.replay")
    ]
    found = await asyncio.gather(*(readable(acting(server, user), names) for user in USERS))
    assert dict(zip(USERS, found, strict=True)) == {user: set() for user in USERS} | {"notifier": set(names)}


async def test_a_name_without_its_password_is_nobody(server: KafkaServer) -> None:
    guessing = acting(server, "notifier").model_copy(update={"password": SecretStr("guessed")})
    with pytest.raises(KafkaConnectionError):
        await visible(guessing)
    assert "Failed authentication with /127.0.0.1" in server.log.read_text()


async def test_the_administrator_may_everything(server: KafkaServer) -> None:
    names = {topic.name for topic in wanted()}
    assert await readable(acting(server, "admin"), names) == names


@pytest.mark.parametrize("user", SERVICES)
async def test_a_producer_that_never_repeats_needs_no_right_of_its_own(
    user: str, server: KafkaServer
) -> None:
    producer = await started_producer(acting(server, user), "test")
    try:
        for topic in sorted(allowed(user, "write")):
            await producer.send_and_wait(topic, b"value", key=b"key")
    finally:
        await producer.stop()


async def test_one_of_a_stranger_is_refused(server: KafkaServer) -> None:
    with pytest.raises(ClusterAuthorizationFailedError):
        await started_producer(acting(server, "stranger"), "test")


@pytest.mark.parametrize(
    ("user", "group"), [("delivery", "delivery"), (PARTNER, PARTNER), (PARTNER, "partner.a")]
)
async def test_a_group_of_ones_own(user: str, group: str, server: KafkaServer) -> None:
    await joined(acting(server, user), group)


@pytest.mark.parametrize(
    ("user", "group"),
    [("delivery", "notifier"), ("delivery", "delivery.a"), (PARTNER, "delivery"), (PARTNER, "partners")],
)
async def test_a_group_of_others_is_refused(user: str, group: str, server: KafkaServer) -> None:
    with pytest.raises(GroupAuthorizationFailedError):
        await joined(acting(server, user), group)


def acl(
    user: str,
    name: str,
    operation: AclOperation,
    pattern: ResourcePatternType = ResourcePatternType.LITERAL,
    kind: ResourceType = ResourceType.TOPIC,
) -> AclBinding:
    """One that lets `user` do something."""
    return AclBinding(kind, name, pattern, f"User:{user}", "*", operation, AclPermissionType.ALLOW)


PLANTED = (
    acl("stranger", "identity.code.v1", AclOperation.READ),
    acl("stranger", "identity.code.v1.notifier.dlq", AclOperation.READ),
    acl("stranger", "identity.", AclOperation.READ, ResourcePatternType.PREFIXED),
    acl("stranger", "*", AclOperation.READ),
    acl("stranger", "identity.account.v1", AclOperation.WRITE),
    acl("stranger", "notifier", AclOperation.READ, kind=ResourceType.GROUP),
    acl("catalog", "identity.contact.v1", AclOperation.READ),
    acl("catalog", "delivery.download.v1", AclOperation.READ),
    acl("*", "catalog.video.v1", AclOperation.READ),
)
OF_OTHERS = (
    *map(binding, subscriber_rights(PARTNER)),
    acl(PARTNER, "partner.thing.v1", AclOperation.WRITE),
    acl(PARTNER, "catalog.transcript.", AclOperation.DESCRIBE, ResourcePatternType.PREFIXED),
)


@pytest.mark.parametrize(
    "planted", PLANTED, ids=lambda rule: f"{rule.principal}-{rule.name}-{rule.operation.name}"
)
def test_what_the_table_does_not_give_is_surplus(planted: AclBinding) -> None:
    assert surplus([planted, *map(binding, rights())], rights()) == {planted}


def test_what_concerns_others_alone_is_theirs() -> None:
    assert surplus(OF_OTHERS, rights()) == set()


async def test_surplus_is_removed_and_a_crash_brings_nothing_back(server: KafkaServer) -> None:
    kafka = acting(server, "admin")
    whole = await list_acls(admin_client(kafka))
    assert await ensure_acls(kafka) == Changes(frozenset(), frozenset())
    await add(admin_client(kafka), frozenset(PLANTED))
    assert await readable(acting(server, "stranger"), PRIVATE) == set(PRIVATE)
    assert await ensure_acls(kafka) == Changes(frozenset(), frozenset(PLANTED))
    await server.kill()
    await server.start()
    assert await list_acls(admin_client(kafka)) == whole
    assert await readable(acting(server, "stranger"), PRIVATE) == set()
