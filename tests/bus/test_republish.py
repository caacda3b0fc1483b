"""`newsreel bus republish` as an operator types it: a new Kafka, and copies that are built from it alone."""

import asyncio
import json
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from pydantic import SecretStr

import delivery.inbound_kafka
import notifier.inbound_kafka
from catalog.representations.submission import read_manifest
from catalog.store.transcripts import find_transcripts
from catalog.usecases.plan_import import plan_import
from catalog.usecases.record_import import record_import
from newsreel_events import TOPICS
from newsreel_events.catalog import TRANSCRIPT, TranscriptPublishedV1
from newsreel_local.kafka import KafkaServer
from newsreel_local.ports import free_ports
from newsreel_runtime.clock import now
from newsreel_runtime.database import Database
from newsreel_runtime.publisher.relay import Relay
from newsreel_runtime.settings import Kafka, Postgres
from newsreel_testing import consumer_harness, relay_harness
from newsreel_testing.consumer_harness import newsreel
from newsreel_testing.databases import Databases
from newsreel_testing.environment import environment_of
from newsreel_testing.portal_videos import full_manifest
from newsreel_testing.wait_until import until

ACCOUNTS = """
INSERT INTO account (account_id, address, address_key, locale, status, roles, newsletter, password_hash,
                     sessions_valid_after, registered_at)
SELECT gen_random_uuid(), 'p' || n || '@example.org', 'p' || n || '@example.org',
       'fr', (ARRAY['active', 'unverified', 'suspended', 'deleted'])[1 + n % 4],
       ARRAY['journalist'], n % 3 = 0, 'hash',
       now() - n * interval '1 minute', now()
FROM generate_series(1, $1) AS n
"""
STATES = """
SELECT account_id, status, roles::text, sessions_valid_after FROM account WHERE status <> 'deleted' ORDER BY 1
"""
# Said when the relay is slower than the command.
WAITS = "bus republish: 1000 events wait in the outbox; the relay has to send them\n"
REACHABLE = "WHERE status IN ('active', 'suspended')"
CONTACTS = "SELECT account_id, address, locale, {} FROM {} ORDER BY 1"
SUBSCRIBED = "newsletter AND status = 'active'"  # no newsletter goes to a suspended account
RENDITIONS = "SELECT rendition_id, video_id, file, size_bytes, sha256 FROM rendition ORDER BY 1"


@pytest.fixture(scope="module")
async def new_kafka(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Kafka]:
    """A cluster that `newsreel bus apply` made, in which nothing was ever published."""
    port, controller_port = free_ports(2)
    users = {"broker": "broker-secret", "admin": "admin-secret"}
    server = KafkaServer(tmp_path_factory.mktemp("new"), port, controller_port, users)
    await server.start()
    kafka = Kafka(bootstrap=server.bootstrap, user="admin", password=SecretStr("admin-secret"))
    applied = await newsreel(kafka, None, "bus", "apply")
    assert applied.code == 0, applied.err
    yield kafka
    await server.stop()


@pytest.fixture
async def opened(databases: Databases) -> AsyncIterator["Opened"]:
    async with AsyncExitStack() as stack:
        yield Opened(databases, stack)


class Opened:
    """Fresh databases of services, with their settings."""

    def __init__(self, databases: Databases, stack: AsyncExitStack) -> None:
        self._databases = databases
        self._stack = stack

    async def __call__(self, service: str) -> tuple[Postgres, Database]:
        settings = await self._stack.enter_async_context(self._databases.fresh(service))
        return settings, await self._stack.enter_async_context(Database.open(settings))


async def rows(database: Database, sql: str) -> list[tuple[object, ...]]:
    async with database.read() as connection:
        return [tuple(row) for row in await connection.fetch(sql)]


async def with_accounts(opened: Opened, count: int) -> tuple[Postgres, Database]:
    settings, database = await opened("identity")
    async with database.read() as sql:
        await sql.execute(ACCOUNTS, count)
    return settings, database


async def same(one: Database, asked: str, other: Database, answered: str) -> None:
    """Until the second database says what the first one says."""
    wanted = await rows(one, asked)

    async def equal() -> bool:
        return await rows(other, answered) == wanted

    await until(equal, "the copy", deadline=60)


async def test_copies_of_accounts_and_contacts_are_built_anew(new_kafka: Kafka, opened: Opened) -> None:
    postgres, identity = await with_accounts(opened, 450)
    _, deliverys = await opened("delivery")
    _, notifiers = await opened("notifier")
    consumers = (
        delivery.inbound_kafka.create_consumer(new_kafka, deliverys),
        notifier.inbound_kafka.create_consumer(new_kafka, notifiers, lambda _: None),
    )
    async with AsyncExitStack() as stack:
        for consumer in consumers:
            await stack.enter_async_context(consumer_harness.running(consumer))
        await stack.enter_async_context(relay_harness.running(Relay(new_kafka, identity, "identity")))
        for _ in range(2):  # once more changes nothing
            for topic in ("identity.account.v1", "identity.contact.v1"):
                ran = await newsreel(new_kafka, postgres, "bus", "republish", topic)
                assert (ran.code, ran.err.replace(WAITS, "")) == (0, "")
                assert ran.out.splitlines()[-1].startswith(f"{topic}: all recorded, 450 in this run")
                assert "@example.org" not in ran.out
        await same(identity, STATES, deliverys, STATES)
        told = CONTACTS.format(SUBSCRIBED, f"account {REACHABLE}")
        await same(identity, told, notifiers, CONTACTS.format("newsletter", "contact"))
        assert await rows(notifiers, "SELECT count(*) FROM mail") == [(0,)]


async def test_copies_of_videos_are_built_anew_and_transcripts_are_whole(
    new_kafka: Kafka, opened: Opened
) -> None:
    postgres, catalog = await opened("catalog")
    _, deliverys = await opened("delivery")
    for number in (1, 2):
        async with catalog.begin() as tx:
            submission = read_manifest(json.dumps(full_manifest(number)).encode())
            await record_import(tx, await plan_import(tx.sql, submission), now())
    async with catalog.begin() as tx:
        await tx.sql.execute("DELETE FROM outbox")  # it left once, for a bus that is gone
    consumer = delivery.inbound_kafka.create_consumer(new_kafka, deliverys)
    async with (
        consumer_harness.running(consumer),
        relay_harness.running(Relay(new_kafka, catalog, "catalog")),
    ):
        for topic in ("catalog.video.v1", TRANSCRIPT):
            ran = await newsreel(new_kafka, postgres, "bus", "republish", topic)
            assert (ran.code, ran.err) == (0, ""), ran.out
        await same(catalog, RENDITIONS, deliverys, RENDITIONS)
        known = {}
        async with catalog.read() as sql:
            for row in await sql.fetch("SELECT video_id FROM video"):
                for version, transcript in (await find_transcripts(sql, row["video_id"])).values():
                    known[f"{row['video_id']}:{transcript.language}"] = (version, len(transcript.segments))
        records = await relay_harness.records_of(new_kafka, TRANSCRIPT, len(known), partitions=12)
        events = [TranscriptPublishedV1.model_validate_json(record.value) for record in records]
        assert {event.key: (event.version, len(event.segments)) for event in events} == known


async def test_it_waits_for_the_relay_and_goes_on_after_a_kill(new_kafka: Kafka, opened: Opened) -> None:
    postgres, identity = await with_accounts(opened, 1300)
    _, deliverys = await opened("delivery")
    process = await asyncio.create_subprocess_exec(
        *(str(Path(sys.executable).with_name("newsreel")), "bus", "republish", "identity.account.v1"),
        env=os.environ | environment_of(postgres),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    said = await asyncio.wait_for(process.stderr.readline(), 30)
    assert b"1000 events wait in the outbox" in said
    process.kill()
    out, _ = await process.communicate()
    assert await rows(identity, "SELECT count(*) FROM outbox") == [(1000,)]
    (*_, after) = re.findall(r"--after (\S+)", out.decode())
    consumer = delivery.inbound_kafka.create_consumer(new_kafka, deliverys)
    async with (
        consumer_harness.running(consumer),
        relay_harness.running(Relay(new_kafka, identity, "identity")),
    ):
        ran = await newsreel(new_kafka, postgres, "bus", "republish", "identity.account.v1", "--after", after)
        assert ran.code == 0, ran.err
        assert "all recorded, 300 in this run" in ran.out
        # The topic holds the accounts of the first test, too.
        wanted = set(await rows(identity, STATES))

        async def is_there() -> bool:
            return wanted <= set(await rows(deliverys, STATES))

        await until(is_there, "the copy", deadline=60)


async def test_what_it_refuses_is_said(kafka: Kafka, opened: Opened) -> None:
    postgres, _ = await opened("notifier")
    unknown = await newsreel(kafka, postgres, "bus", "republish", "identity.code.v1")
    assert unknown.code == 2
    assert "identity.code.v1 holds no state; those that do: identity.account.v1, " in unknown.err
    elsewhere = await newsreel(kafka, postgres, "bus", "republish", "identity.account.v1")
    assert (elsewhere.code, elsewhere.err.strip()) == (
        3,
        "bus republish: the database cannot be asked: UndefinedTableError",
    )
    unset = await newsreel(kafka, None, "bus", "republish", "identity.account.v1")
    assert unset.code == 2
    assert "NEWSREEL_POSTGRES_DATABASE" in unset.err
    assert "Traceback" not in unknown.err + elsewhere.err + unset.err


def test_the_producer_of_each_topic_with_state_can_say_it_anew() -> None:
    points = {point.name: point.value.split(".")[0] for point in entry_points(group="newsreel.republish")}
    assert points == {topic.name: topic.producer for topic in TOPICS if topic.compacted}
