"""A tombstone from the transaction to the consumer that forgets: in the order of its key, once."""

from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest

from newsreel_events import Envelope, identity, notifier
from newsreel_events.envelope import parse_envelope
from newsreel_runtime.consumer.consumer import Consumer
from newsreel_runtime.publisher.relay import Relay
from newsreel_runtime.settings import Kafka
from newsreel_runtime.transaction import Tx
from newsreel_testing.bus import foreign_producer, reading
from newsreel_testing.consumer_harness import ServiceDatabase, running, with_effects
from newsreel_testing.relay_harness import running as relaying
from newsreel_testing.relay_harness import waiting
from newsreel_testing.wait_until import until


async def test_a_key_is_changed_erased_and_changed_again_in_order(
    service_database: ServiceDatabase, kafka: Kafka
) -> None:
    database, account = await with_effects(service_database), uuid4()
    contact = identity.ContactChangedV1(
        account_id=account, address="one@desk.example", locale="fr", newsletter=False
    )

    async def seen(tx: Tx, key: str, what: int) -> None:
        await tx.sql.execute("INSERT INTO effect (key, generation) VALUES ($1, $2)", key, what)

    async def changed(tx: Tx, _: identity.ContactChangedV1, envelope: Envelope) -> None:
        await seen(tx, envelope.key, 1)

    async def erased(tx: Tx, key: str) -> None:
        await seen(tx, key, 0)

    consumer = Consumer("notifier", kafka, database)
    consumer.on(identity.ContactChangedV1, changed)
    consumer.on_tombstone(identity.CONTACT, erased)

    async def effects() -> list[int] | None:
        async with database.read() as connection:
            rows = await connection.fetch(
                "SELECT generation FROM effect WHERE key = $1 ORDER BY n", str(account)
            )
        return [row["generation"] for row in rows] if len(rows) >= 3 else None

    async with (
        reading(kafka, [identity.CONTACT]) as reader,
        running(consumer),
        relaying(Relay(kafka, database, "test")),
    ):
        async with database.begin() as tx:
            tx.emit(contact)
            tx.tombstone(identity.CONTACT, str(account))
            tx.emit(contact)
        assert await until(effects, "three effects") == [1, 0, 1]
        _, tombstone, _ = [record for record in await reader.poll() if record.key == str(account).encode()]
    assert tombstone.value is None
    envelope = parse_envelope(tombstone.headers, tombstone.key)
    assert envelope.type == "newsreel.identity.contact.erased.v1"
    assert (envelope.source, envelope.subject) == ("/newsreel/identity", f"contact/{account}")
    assert envelope.dataschema is None


async def test_of_a_stranger_who_erases_a_key_the_key_is_enough(
    service_database: ServiceDatabase, kafka: Kafka
) -> None:
    database, account = await with_effects(service_database), str(uuid4())
    wrong: list[tuple[bytes, list[tuple[str, bytes]]]] = [
        (b"", []),
        (b"\xff" + account.encode(), []),
        (account.encode() * 100, []),
        (account.encode(), [("ce_id", b"half an envelope")]),
    ]

    async def erased(tx: Tx, key: str) -> None:
        await tx.sql.execute("INSERT INTO effect (key) VALUES ($1)", key)

    consumer = Consumer("notifier", kafka, database)
    consumer.on_tombstone(identity.CONTACT, erased)

    async def effects() -> int:
        async with database.read() as connection:
            found = await connection.fetchval("SELECT count(*) FROM effect WHERE key = $1", account)
        return int(found)

    async with (
        reading(kafka, [f"{identity.CONTACT}.notifier.dlq"]) as parked,
        foreign_producer(kafka) as producer,
        running(consumer),
    ):
        for headers in ([], [("x-tool", b"\xff")]):
            await producer.send_and_wait(identity.CONTACT, None, key=account.encode(), headers=headers)
        await until(lambda: enough(effects, 2), "both effects")
        for key, headers in wrong:
            await producer.send_and_wait(identity.CONTACT, None, key=key, headers=headers, partition=0)
        found = await until(lambda: parked.at_least(len(wrong)), "what says no key is parked")
    assert [record.key for record in found] == [key for key, _ in wrong]
    assert await effects() == 2


async def enough(look: Callable[[], Awaitable[int]], count: int) -> bool:
    return await look() >= count


async def test_where_a_tombstone_erases_nothing_it_is_refused(service_database: ServiceDatabase) -> None:
    database = await service_database("newsreel_runtime")
    async with database.begin() as tx:
        for topic in (notifier.MAIL, "no.topic.v1"):
            with pytest.raises(ValueError, match="not compacted"):
                tx.tombstone(topic, "k")
    assert await waiting(database) == []
