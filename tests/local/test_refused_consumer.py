"""A consumer without its rights says so and is not ready; to grant them is all that is needed."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

import pytest
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    ResourcePatternType,
    ResourceType,
)
from pydantic import SecretStr

from newsreel_bus.acls import add, binding, list_acls, remove
from newsreel_bus.admin import admin_client
from newsreel_events.access import rights
from newsreel_events.notifier import MAIL, MailAcceptedV1
from newsreel_local.kafka import KafkaServer
from newsreel_runtime.consumer.consumer import Consumer
from newsreel_runtime.database import Database
from newsreel_runtime.settings import Kafka
from newsreel_testing.bus import foreign_producer, send
from newsreel_testing.consumer_harness import ServiceDatabase, an_event, effects, note, with_effects
from newsreel_testing.wait_until import until

PRINCIPAL = "User:identity"
REPLAY = f"{MAIL}.identity.replay"
TOPICS_REFUSED = "Kafka refuses to identity topics: READ is not granted on"
GROUP_REFUSED = "Kafka refuses the group identity: READ on it is not granted"
ALL = frozenset(binding(right) for right in rights() if right.user == "identity")


def seen(topic: str) -> AclBinding:
    """The right to see that a topic is there, and no more."""
    describe, allow = AclOperation.DESCRIBE, AclPermissionType.ALLOW
    return AclBinding(ResourceType.TOPIC, topic, ResourcePatternType.LITERAL, PRINCIPAL, "*", describe, allow)


Granting = Callable[[frozenset[AclBinding]], Awaitable[None]]


@pytest.fixture
async def granting(kafka: Kafka) -> AsyncIterator[Granting]:
    """`await granting(acls)`: identity has those and no others; it has none at the end."""
    admin = admin_client(kafka)

    async def only(acls: frozenset[AclBinding]) -> None:
        had = frozenset(acl for acl in await list_acls(admin) if acl.principal == PRINCIPAL)
        await remove(admin, had - acls)
        await add(admin, acls - had)

    yield only
    await only(frozenset())


@pytest.fixture
async def database(service_database: ServiceDatabase) -> Database:
    """Where its effects go."""
    return await with_effects(service_database)


@pytest.fixture
def consumer(kafka: Kafka, kafka_server: KafkaServer, database: Database) -> Consumer:
    """The consumer of the group `identity`, with identity's own login."""
    password = SecretStr(kafka_server.users["identity"])
    own = kafka.model_copy(update={"user": "identity", "password": password})
    made = Consumer("identity", own, database)
    made.on(MailAcceptedV1, note)
    return made


@asynccontextmanager
async def begun(consumer: Consumer) -> AsyncIterator[None]:
    """It runs, whatever it comes to; it is stopped in order at the end."""
    stopping = asyncio.Event()
    task = asyncio.create_task(consumer.run(stopping))
    try:
        yield
    finally:
        stopping.set()
        await task


async def says(consumer: Consumer, why: str | None) -> None:
    """Return once these words, or a sentence that begins with them, are why it is not ready."""

    async def said() -> bool:
        found = consumer.why_not_ready()
        return found is None if why is None else f"{found} ".startswith(f"{why} ")

    await until(said, why or "readiness", deadline=60)


async def reasons_until(consumer: Consumer, why: str) -> set[str | None]:
    """All that it says, looked at in each turn of the event loop, until it says `why`."""
    said: set[str | None] = set()

    async def found() -> bool:
        said.add(consumer.why_not_ready())
        return why in said

    await until(found, why, deadline=60, pause=0)
    return said


def all_but(name: str) -> frozenset[AclBinding]:
    """All that is identity's, except one topic or group."""
    return frozenset(rule for rule in ALL if rule.name != name)


@pytest.mark.parametrize(
    ("granted", "said"),
    [
        (frozenset(), f"{TOPICS_REFUSED} {MAIL}, {REPLAY}"),
        (all_but(MAIL), f"{TOPICS_REFUSED} {MAIL}"),
        (all_but(MAIL) | {seen(MAIL)}, f"{TOPICS_REFUSED} {MAIL}"),
        (all_but(REPLAY), f"{TOPICS_REFUSED} {REPLAY}"),
        (all_but("identity"), GROUP_REFUSED),
    ],
    ids=["nothing", "no topic", "topic seen, not read", "no replay", "no group"],
)
async def test_a_right_that_is_missing_is_said_and_logged(
    granted: frozenset[AclBinding],
    said: str,
    granting: Granting,
    consumer: Consumer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await granting(granted)
    async with begun(consumer):
        before = await reasons_until(consumer, said)
        assert None not in before, "it was ready before it knew that it may not read"
        assert consumer.why_not_alive() is None  # a restart would not mend it
    assert f"consuming is refused: {said}" in caplog.text


async def test_nothing_that_is_granted_is_missed(granting: Granting, consumer: Consumer) -> None:
    await granting(ALL)
    async with begun(consumer):
        await says(consumer, None)


@pytest.mark.parametrize("missing", [MAIL, "identity"], ids=["topic", "group"])
async def test_once_it_is_granted_the_consumer_goes_on_by_itself(
    missing: str,
    *,
    granting: Granting,
    consumer: Consumer,
    database: Database,
    kafka: Kafka,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "newsreel_runtime")
    event = an_event()
    async with foreign_producer(kafka) as producer:
        await send(producer, event)
    await granting(all_but(missing))
    async with begun(consumer):
        await says(consumer, "Kafka refuses")
        await granting(ALL)
        await says(consumer, None)

        async def effect() -> bool:
            return await effects(database, event.key) == 1

        await until(effect, "the effect of what waited")
    assert caplog.text.count("consuming is refused") == 1
    assert caplog.text.count("consuming goes on") == 1


@pytest.mark.parametrize("taken", [MAIL, "identity"], ids=["topic", "group"])
async def test_a_right_that_is_taken_from_a_running_consumer_may_come_back(
    taken: str, granting: Granting, consumer: Consumer, database: Database, kafka: Kafka
) -> None:
    """aiokafka alone would never send a heartbeat again."""
    event = an_event()
    await granting(ALL)
    async with begun(consumer), foreign_producer(kafka) as producer:
        await says(consumer, None)
        await granting(all_but(taken) | {seen(MAIL)})
        await says(consumer, "Kafka refuses")
        await send(producer, event)
        await granting(ALL)
        await says(consumer, None)
        await until(lambda: effects(database, event.key), "the effect of what waited")
        assert consumer.why_not_alive() is None


async def test_one_topic_that_is_refused_holds_no_other_and_is_said_once(
    granting: Granting,
    consumer: Consumer,
    database: Database,
    kafka: Kafka,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "newsreel_runtime")
    await granting(all_but(REPLAY) | {seen(REPLAY)})
    async with begun(consumer), foreign_producer(kafka) as producer:
        await says(consumer, f"{TOPICS_REFUSED} {REPLAY}")
        for event in (an_event() for _ in range(5)):
            await send(producer, event)
            await until(partial(effects, database, event.key), "an effect beside the refusal")
            await says(consumer, f"{TOPICS_REFUSED} {REPLAY}")
    assert caplog.text.count("consuming is refused") == 1
    assert "consuming goes on" not in caplog.text
