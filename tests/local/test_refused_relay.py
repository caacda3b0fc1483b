"""A relay whose right to write is taken away waits, says so, and goes on by itself: trial C9."""

from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import uuid4

import pytest
from confluent_kafka.admin import AclBinding
from pydantic import SecretStr

from newsreel_bus.acls import add, binding, list_acls, remove
from newsreel_bus.admin import admin_client
from newsreel_events.access import rights
from newsreel_events.notifier import MAIL
from newsreel_local.kafka import KafkaServer
from newsreel_runtime.database import Database
from newsreel_runtime.publisher import outbox_dead
from newsreel_runtime.publisher.relay import Relay
from newsreel_runtime.settings import Kafka
from newsreel_testing.bus import reading
from newsreel_testing.relay_harness import an_event, emptied, running
from newsreel_testing.wait_until import until

PRINCIPAL = "User:notifier"
ALL = frozenset(binding(right) for right in rights() if right.user == "notifier")
ON_MAIL = frozenset(rule for rule in ALL if rule.name == MAIL)
Granting = Callable[[frozenset[AclBinding]], Awaitable[None]]


@pytest.fixture
async def granting(kafka: Kafka) -> AsyncIterator[Granting]:
    """`await granting(acls)`: the notifier has those and no others; it has none at the end."""
    admin = admin_client(kafka)

    async def only(acls: frozenset[AclBinding]) -> None:
        had = frozenset(acl for acl in await list_acls(admin) if acl.principal == PRINCIPAL)
        await remove(admin, had - acls)
        await add(admin, acls - had)

    yield only
    await only(frozenset())


@pytest.mark.parametrize("left", [ALL - ON_MAIL, frozenset[AclBinding]()], ids=["this topic", "every right"])
async def test_no_event_dies_while_the_right_to_write_is_missing(
    left: frozenset[AclBinding],
    granting: Granting,
    service_database: Callable[[str], Awaitable[Database]],
    kafka: Kafka,
    kafka_server: KafkaServer,
) -> None:
    database = await service_database("notifier")
    own = kafka.model_copy(update={"user": "notifier", "password": SecretStr(kafka_server.users["notifier"])})
    relay = Relay(own, database, "notifier")
    reference = uuid4()

    async def emit(*generations: int) -> None:
        for generation in generations:
            async with database.begin() as tx:
                tx.emit(an_event(reference, generation))

    async def said(why: str | None) -> None:
        async def found() -> bool:
            return (relay.why_not_ready() or "").startswith(why) if why else relay.why_not_ready() is None

        await until(found, why or "readiness", deadline=60)

    await granting(ALL)
    async with reading(kafka, [MAIL]) as reader, running(relay):
        await emit(*range(1, 101))
        await until(lambda: emptied(database), "the first events")
        await granting(left)
        await emit(*range(101, 301))
        await said("Kafka refuses ")
        await granting(ALL)
        await until(lambda: emptied(database), "an empty outbox", deadline=60)
        await said(None)
        key = str(reference).encode()

        async def all_there() -> list[bytes] | None:
            values = [record.value for record in await reader.poll() if record.key == key]
            return values if len(set(values)) == 300 else None

        values = await until(all_there, "all events")
    async with database.read() as sql:
        assert await outbox_dead.listed(sql) == []
    generations = [int(value.split(b'"generation":')[1].split(b",")[0]) for value in dict.fromkeys(values)]
    assert generations == list(range(1, 301))


async def test_who_was_refused_and_stands_by_is_ready(
    granting: Granting,
    service_database: Callable[[str], Awaitable[Database]],
    kafka: Kafka,
    kafka_server: KafkaServer,
) -> None:
    database = await service_database("notifier")
    own = kafka.model_copy(update={"user": "notifier", "password": SecretStr(kafka_server.users["notifier"])})
    first, second = Relay(own, database, "notifier"), Relay(own, database, "notifier")
    await granting(frozenset())
    async with running(first), running(second):
        for relay in (first, second):

            async def refused(relay: Relay = relay) -> bool:
                return (relay.why_not_ready() or "").startswith("Kafka refuses ")

            await until(refused, "a refusal", deadline=60)
        await granting(ALL)

        async def both_ready() -> bool:
            return first.why_not_ready() is None and second.why_not_ready() is None

        await until(both_ready, "both to be ready", deadline=30)
        async with database.begin() as tx:
            tx.emit(an_event(uuid4(), 1))
        await until(lambda: emptied(database), "an empty outbox")
        assert await both_ready()
