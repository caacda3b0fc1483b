"""Parked records: later ones of their key wait, `newsreel dlq` shows them, a replay has one effect each."""

import json
from base64 import b64decode
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from newsreel_events import notifier
from newsreel_runtime.consumer.consumer import Consumer
from newsreel_runtime.database import Database
from newsreel_runtime.settings import Kafka, Postgres
from newsreel_testing.bus import foreign_producer, reading, send
from newsreel_testing.consumer_harness import (
    PARKED,
    Buggy,
    an_event,
    effects,
    generations,
    make_effects,
    newsreel,
    running,
)
from newsreel_testing.databases import Databases
from newsreel_testing.wait_until import until

GROUP = ("--group", "identity")
REPLAYED = "notifier.mail.v1.identity.replay"


@pytest.fixture
async def postgres(databases: Databases) -> AsyncIterator[Postgres]:
    """A database of its own: its rows say which of the dead letters on the shared topic are this test's."""
    async with databases.fresh("newsreel_runtime") as settings:
        yield settings


@pytest.fixture
async def database(postgres: Postgres) -> AsyncIterator[Database]:
    async with Database.open(postgres) as opened:
        await make_effects(opened)
        yield opened


def new_consumer(kafka: Kafka, database: Database, handler: Buggy) -> Consumer:
    consumer = Consumer("identity", kafka, database)
    consumer.on(notifier.MailAcceptedV1, handler)
    return consumer


async def waiting(database: Database) -> int:
    async with database.read() as connection:
        count: int = await connection.fetchval("SELECT count(*) FROM parked_record WHERE sent")
        return count


async def test_poison_of_a_foreign_client_is_shown_byte_for_byte(
    kafka: Kafka, database: Database, postgres: Postgres
) -> None:
    headers = [("ce_specversion", b"1.0"), ("foreign", b"\xff\xfe"), ("foreign", b""), ("none", None)]
    good, key, value = an_event(), uuid4().bytes, b'{"broken": \x00\xff'
    async with foreign_producer(kafka) as producer, running(new_consumer(kafka, database, Buggy())):
        at = await producer.send_and_wait(notifier.MAIL, value, key=key, headers=headers)
        await send(producer, good)
        await until(lambda: effects(database, good.key), "the effect of the good record")
        await until(lambda: waiting(database), "the row of the poison")
        record = f"{at.topic}-{at.partition}@{at.offset}"
        listed = await newsreel(kafka, postgres, "dlq", "ls", *GROUP)
        shown = await newsreel(kafka, postgres, "dlq", "show", *GROUP, record)
        plain = await newsreel(kafka, postgres, "dlq", "show", *GROUP, record, "--json")
    assert record in [line.split()[0] for line in listed.out.splitlines()]
    assert "MalformedError: header foreign" not in listed.out  # a foreign header may be anything
    assert repr(value) in shown.out
    [document] = map(json.loads, plain.out.splitlines())
    assert b64decode(document["key"]["base64"]) == key
    assert b64decode(document["value"]["base64"]) == value
    read = [(name, None if v is None else b64decode(v["base64"])) for name, v in document["headers"]]
    assert read == headers
    assert (listed.code, shown.code, plain.code) == (0, 0, 0)


async def test_a_replay_after_a_fix_brings_each_effect_once_and_in_order(
    kafka: Kafka, database: Database, postgres: Postgres
) -> None:
    bad, others = an_event(), an_event()
    handler = Buggy({bad.key})
    async with foreign_producer(kafka) as producer, reading(kafka, [PARKED, REPLAYED]) as reader:
        async with running(new_consumer(kafka, database, handler)):
            for generation in (1, 2, 3):
                await send(producer, an_event(bad.reference_id, generation))
            await send(producer, others)
            await until(lambda: effects(database, others.key), "the effect of another key")

            async def all_wait() -> bool:
                return await waiting(database) == 3

            await until(all_wait, "three parked records")
            assert await generations(database, bad.key) == []
            again = await newsreel(kafka, postgres, "dlq", "replay", *GROUP)
            assert again.code == 1, again.err  # the bug is still there
            assert "0 had their effect, 3 failed again" in again.err
            handler.fails_for.clear()
            dry = await newsreel(kafka, postgres, "dlq", "replay", *GROUP, "--dry-run")
            assert "would replay 3" in dry.err
            fixed = await newsreel(
                kafka, postgres, "dlq", "replay", *GROUP, "--exception", "RuntimeError", "--rate", "1000"
            )
            assert fixed.code == 0, fixed.err
            assert "3 sent; 3 had their effect" in fixed.err
            await send(producer, an_event(bad.reference_id, 4))
            await until(lambda: _has(database, bad.key, 4), "the key flows again")
            assert (await newsreel(kafka, postgres, "dlq", "replay", *GROUP)).code == 1  # nothing waits
        assert await generations(database, bad.key) == [1, 2, 3, 4]
        records = await until(lambda: reader.at_least(3 + 6), "what was parked and replayed")
    parked = [record for record in records if record.topic == PARKED]
    replayed = [record for record in records if record.topic == REPLAYED]
    assert len(parked) == 3  # a replay that fails again leaves no second copy
    assert {dict(record.headers)["replay_count"] for record in replayed} == {b"1", b"2"}
    assert [dict(record.headers)["ce_id"] for record in replayed[3:]] == [
        dict(record.headers)["ce_id"] for record in parked
    ]
    assert b"personal" not in b"".join(value for record in records for _, value in record.headers)
    async with database.read() as connection:
        audit = await connection.fetch("SELECT action, records, done, operator FROM parked_audit")
    assert [(row["action"], row["records"], row["done"]) for row in audit] == [("replay", 3, 3)] * 2
    assert all(row["operator"] for row in audit)


async def _has(database: Database, key: str, generation: int) -> bool:
    return generation in await generations(database, key)


async def test_a_second_copy_of_a_replayed_record_has_no_second_effect(
    kafka: Kafka, database: Database, postgres: Postgres
) -> None:
    bad = an_event()
    handler = Buggy({bad.key})
    async with (
        foreign_producer(kafka) as producer,
        reading(kafka, [REPLAYED]) as reader,
        running(new_consumer(kafka, database, handler)),
    ):
        await send(producer, bad)
        await until(lambda: waiting(database), "the parked record")
        handler.fails_for.clear()
        assert (await newsreel(kafka, postgres, "dlq", "replay", *GROUP)).code == 0
        [record] = await until(lambda: reader.at_least(1), "the replayed record")
        await producer.send_and_wait(
            REPLAYED, record.value, key=record.key, partition=record.partition, headers=list(record.headers)
        )
        last = an_event(bad.reference_id, 2)
        await send(producer, last)
        await until(lambda: _has(database, bad.key, 2), "the next event of the key")
        await until(lambda: reader.at_least(2), "both copies")
    assert await generations(database, bad.key) == [1, 2]


async def test_dropping_frees_the_key_and_leaves_who_did_it(
    kafka: Kafka, database: Database, postgres: Postgres
) -> None:
    bad = an_event()
    handler = Buggy({bad.key})
    async with foreign_producer(kafka) as producer, running(new_consumer(kafka, database, handler)):
        await send(producer, bad)
        await send(producer, an_event(bad.reference_id, 2))

        async def both_wait() -> bool:
            return await waiting(database) == 2

        await until(both_wait, "two parked records")
        handler.fails_for.clear()
        everything = await newsreel(kafka, postgres, "dlq", "drop", *GROUP)
        assert everything.code == 2, "nothing was chosen"
        first = await newsreel(
            kafka, postgres, "dlq", "drop", *GROUP, "--exception", "RuntimeError", "--operator", "ann"
        )
        assert (first.code, "1 still wait under their keys" in first.err) == (0, True), first.err
        rest = await newsreel(kafka, postgres, "dlq", "replay", *GROUP)
        assert rest.code == 0, rest.err
        assert await generations(database, bad.key) == [2]
    async with database.read() as connection:
        operator = await connection.fetchval("SELECT operator FROM parked_audit WHERE action = 'drop'")
    assert operator == "ann"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--group", "nobody"), "no topic has a consumer nobody"),
        ((*GROUP, "--topic", "catalog.video.v1"), "identity does not consume catalog.video.v1"),
        ((*GROUP, "mail@7"), "mail@7 is no record"),
        ((*GROUP, "--since", "yesterday"), "30s, 15m, 2h, 3d"),
        ((*GROUP, "--limit", "0"), "a number from 1 up"),
    ],
)
async def test_usage_is_refused_with_words(kafka: Kafka, arguments: tuple[str, ...], said: str) -> None:
    ended = await newsreel(kafka, None, "dlq", "ls", *arguments)
    assert ended.code == 2
    assert said in ended.err


async def test_without_a_database_nothing_is_replayed(kafka: Kafka) -> None:
    ended = await newsreel(kafka, None, "dlq", "replay", *GROUP)
    assert ended.code == 2
    assert "NEWSREEL_POSTGRES_DATABASE" in ended.err
