"""What the handlers leave in the database."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from newsreel_events import Envelope, EventData
from newsreel_events.identity import (
    AddressTakenNoticedV1,
    ContactChangedV1,
    NoAccountNoticedV1,
    PasswordChangedNoticedV1,
    ResetCodeRequestedV1,
    SignupCodeRequestedV1,
)
from newsreel_runtime.clock import now
from newsreel_runtime.database import Database
from newsreel_runtime.ids import new_id
from notifier.inbound_kafka import Inbound

AT = now()


@pytest.fixture
async def database(service_database: Callable[[str], Awaitable[Database]]) -> Database:
    return await service_database("notifier")


def received(at: datetime = AT) -> Envelope:
    return Envelope(id=new_id(), type="-", source="-", time=at, key="-")


def fields(**others: object) -> dict[str, object]:
    return {
        "generation": 1,
        "address": "reporter@desk.example",
        "locale": "uk",
        "requested_at": AT,
        "send_before": AT + timedelta(minutes=30),
        **others,
    }


async def rows(database: Database) -> list[tuple[UUID, str, int, str | None, str]]:
    async with database.read() as connection:
        found = await connection.fetch(
            "SELECT reference_id, kind, generation, kid, state FROM mail ORDER BY kind"
        )
    return [tuple(row) for row in found]


async def contacts(database: Database) -> list[tuple[str, bool]]:
    async with database.read() as connection:
        return [tuple(row) for row in await connection.fetch("SELECT address, newsletter FROM contact")]


async def test_each_request_becomes_one_row(database: Database) -> None:
    inbound = Inbound(lambda: None)
    reference = new_id()
    code, notice = fields(challenge_id=reference, kid="k1"), fields(reference_id=reference)
    for _ in range(2):  # doubled on purpose
        async with database.begin() as tx:
            await inbound.on_signup_code(tx, SignupCodeRequestedV1.model_validate(code), received())
            await inbound.on_reset_code(tx, ResetCodeRequestedV1.model_validate(code), received())
            await inbound.on_address_taken(tx, AddressTakenNoticedV1.model_validate(notice), received())
            await inbound.on_no_account(tx, NoAccountNoticedV1.model_validate(notice), received())
            await inbound.on_password_changed(tx, PasswordChangedNoticedV1.model_validate(notice), received())
    assert await rows(database) == [
        (reference, "address_taken", 1, None, "queued"),
        (reference, "no_account", 1, None, "queued"),
        (reference, "password_changed", 1, None, "queued"),
        (reference, "reset_code", 1, "k1", "queued"),
        (reference, "signup_code", 1, "k1", "queued"),
    ]


async def test_the_next_generation_is_another_mail(database: Database) -> None:
    inbound, challenge = Inbound(lambda: None), new_id()
    async with database.begin() as tx:
        for generation in (1, 2):
            event = SignupCodeRequestedV1.model_validate(
                fields(challenge_id=challenge, kid="k1", generation=generation)
            )
            await inbound.on_signup_code(tx, event, received())
    assert [row[2] for row in await rows(database)] == [1, 2]


async def test_the_sender_is_woken_by_mail_only(database: Database) -> None:
    rung: list[bool] = []
    inbound = Inbound(lambda: rung.append(True))
    contact = ContactChangedV1(account_id=new_id(), address="a@b.example", locale="en", newsletter=False)
    async with database.begin() as tx:
        await inbound.on_contact(tx, contact, received())
    inbound.committed()
    assert rung == []
    event: EventData = NoAccountNoticedV1.model_validate(fields(reference_id=new_id()))
    assert isinstance(event, NoAccountNoticedV1)
    async with database.begin() as tx:
        await inbound.on_no_account(tx, event, received())
    inbound.committed()
    inbound.committed()
    assert rung == [True]


async def test_contacts_follow_the_newest_event_and_go_with_a_tombstone(database: Database) -> None:
    inbound, account = Inbound(lambda: None), new_id()

    async def change(address: str, at: datetime, *, newsletter: bool) -> None:
        event = ContactChangedV1(account_id=account, address=address, locale="fr", newsletter=newsletter)
        async with database.begin() as tx:
            await inbound.on_contact(tx, event, received(at))

    await change("old@desk.example", AT, newsletter=False)
    await change("new@desk.example", AT + timedelta(seconds=1), newsletter=True)
    await change("old@desk.example", AT, newsletter=False)
    assert await contacts(database) == [("new@desk.example", True)]
    for _ in range(2):
        async with database.begin() as tx:
            await inbound.on_contact_gone(tx, str(account))
    assert await contacts(database) == []
