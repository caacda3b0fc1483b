"""The transaction: state and events are committed together or not at all."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from newsreel_events import notifier
from newsreel_runtime import outbox
from newsreel_runtime.database import Database
from newsreel_testing.bus import an_envelope
from newsreel_testing.relay_harness import waiting

ServiceDatabase = Callable[[str], Awaitable[Database]]


def an_event() -> notifier.MailAcceptedV1:
    return notifier.MailAcceptedV1(
        reference_id=uuid4(), generation=1, kind="signup_code", occurred_at=datetime.now(UTC)
    )


async def test_an_event_waits_in_the_outbox_after_the_commit(service_database: ServiceDatabase) -> None:
    database = await service_database("newsreel_runtime")
    event = an_event()
    async with database.begin() as tx:
        tx.emit(event)
    rows = await waiting(database)
    assert [(row.topic, row.key, row.type) for row in rows] == [(event.topic, event.key, event.type)]
    assert notifier.MailAcceptedV1.model_validate_json(rows[0].payload or b"") == event


async def test_a_failed_transaction_leaves_no_event_and_rings_nobody(
    service_database: ServiceDatabase,
) -> None:
    database = await service_database("newsreel_runtime")
    rung: list[bool] = []
    database.on_emitted(lambda: rung.append(True))

    async def fail() -> None:
        async with database.begin() as tx:
            tx.emit(an_event())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await waiting(database) == []
    assert rung == []


async def test_a_payload_that_the_bus_would_refuse_fails_the_transaction(
    service_database: ServiceDatabase,
) -> None:
    database = await service_database("newsreel_runtime")
    async with database.begin() as tx:
        envelope = an_envelope(an_event())
        with pytest.raises(outbox.PayloadTooLargeError):
            await outbox.add(tx.sql, [("t", envelope, b"x" * (outbox.PAYLOAD_LIMIT + 1))])
