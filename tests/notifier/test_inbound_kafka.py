"""What the handlers leave in the database."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from newsreel_events import Envelope, EventData
from newsreel_events.identity import (
    CONTACT,
    AddressChangedNoticedV1,
    AddressCodeRequestedV1,
    AddressTakenNoticedV1,
    AddressWantedNoticedV1,
    ContactChangedV1,
    NoAccountNoticedV1,
    PasswordChangedNoticedV1,
    ResetCodeRequestedV1,
    SignupCodeRequestedV1,
)
from newsreel_runtime.clock import now
from newsreel_runtime.consumer.batch_handler import TombstoneHandler
from newsreel_runtime.consumer.consumer import Consumer
from newsreel_runtime.database import Database
from newsreel_runtime.ids import new_id
from newsreel_runtime.settings import Kafka
from newsreel_runtime.transaction import Tx
from notifier.inbound_kafka import OnMail, subscribe

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


class Handlers(Consumer):
    """The notifier's handlers, called by the tests instead of by Kafka."""

    def __init__(self, database: Database, on_mail: OnMail = lambda _: None) -> None:
        super().__init__("notifier", Kafka(bootstrap="127.0.0.1:1"), database)
        self.database = database
        self.by_type: dict[type[EventData], Callable[..., Awaitable[None]]] = {}
        self.by_topic: dict[str, TombstoneHandler] = {}
        subscribe(self, on_mail)

    def on(self, event: type[EventData], handler: Callable[..., Awaitable[None]], **more: Any) -> None:
        self.by_type[event] = handler

    def on_tombstone(self, topic: str, handler: TombstoneHandler) -> None:
        self.by_topic[topic] = handler

    async def batch(self, *events: EventData, at: datetime = AT) -> None:
        """One batch: one transaction."""
        async with self.database.begin() as tx:
            for event in events:
                await self.by_type[type(event)](tx, event, received(at))


async def test_m6_each_request_becomes_one_row(database: Database) -> None:
    handlers = Handlers(database)
    reference = new_id()
    code, notice = fields(challenge_id=reference, kid="k1"), fields(reference_id=reference)
    for _ in range(2):  # doubled on purpose
        await handlers.batch(
            SignupCodeRequestedV1.model_validate(code),
            ResetCodeRequestedV1.model_validate(code),
            AddressTakenNoticedV1.model_validate(notice),
            NoAccountNoticedV1.model_validate(notice),
            PasswordChangedNoticedV1.model_validate(notice),
            AddressCodeRequestedV1.model_validate(code),
            AddressWantedNoticedV1.model_validate(notice),
            AddressChangedNoticedV1.model_validate(notice),
        )
    assert await rows(database) == [
        (reference, "address_changed", 1, None, "queued"),
        (reference, "address_code", 1, "k1", "queued"),
        (reference, "address_taken", 1, None, "queued"),
        (reference, "address_wanted", 1, None, "queued"),
        (reference, "no_account", 1, None, "queued"),
        (reference, "password_changed", 1, None, "queued"),
        (reference, "reset_code", 1, "k1", "queued"),
        (reference, "signup_code", 1, "k1", "queued"),
    ]


@pytest.mark.parametrize(
    ("sent", "is_long"),
    [({"form": "long"}, True), ({"form": "short"}, False), ({}, False), ({"form": "qr"}, False)],
)
async def test_the_form_of_the_code_is_kept(database: Database, sent: dict[str, str], is_long: bool) -> None:
    """An identity of the last release sends none, a later one may send another (D26): eight digits."""
    event = SignupCodeRequestedV1.model_validate(fields(challenge_id=new_id(), kid="k1", **sent))
    await Handlers(database).batch(event)
    async with database.read() as connection:
        assert await connection.fetchval("SELECT is_long FROM mail") is is_long


async def test_the_next_generation_is_another_mail(database: Database) -> None:
    challenge = new_id()
    requested = [fields(challenge_id=challenge, kid="k1", generation=generation) for generation in (1, 2)]
    await Handlers(database).batch(*map(SignupCodeRequestedV1.model_validate, requested))
    assert [row[2] for row in await rows(database)] == [1, 2]


async def test_the_sender_hears_of_mail_only(database: Database) -> None:
    heard: list[Tx] = []
    handlers = Handlers(database, heard.append)
    contact = ContactChangedV1(account_id=new_id(), address="a@b.example", locale="en", newsletter=False)
    await handlers.batch(contact)
    assert heard == []
    await handlers.batch(NoAccountNoticedV1.model_validate(fields(reference_id=new_id())), contact)
    await handlers.batch(contact)
    assert len(heard) == 1


async def test_contacts_follow_the_newest_event_and_go_with_a_tombstone(database: Database) -> None:
    handlers, account = Handlers(database), new_id()

    async def change(address: str, at: datetime, *, newsletter: bool) -> None:
        event = ContactChangedV1(account_id=account, address=address, locale="fr", newsletter=newsletter)
        await handlers.batch(event, at=at)

    await change("old@desk.example", AT, newsletter=False)
    await change("new@desk.example", AT + timedelta(seconds=1), newsletter=True)
    await change("old@desk.example", AT, newsletter=False)
    assert await contacts(database) == [("new@desk.example", True)]
    for _ in range(2):
        async with database.begin() as tx:
            await handlers.by_topic[CONTACT](tx, str(account))
    assert await contacts(database) == []


async def test_m5_what_else_an_event_says_is_not_kept(database: Database) -> None:
    """No name, no text of a person's reaches a mail: the notifier has no place for it."""
    planted = {"name": "<a href='https://evil.example'>you won</a>\r\n.", "return_to": "https://evil.example"}
    code = SignupCodeRequestedV1.model_validate(fields(challenge_id=new_id(), kid="k1", **planted))
    known = {"account_id": new_id(), "address": "a@b.example", "locale": "en", "newsletter": True}
    await Handlers(database).batch(code, ContactChangedV1.model_validate(known | planted))
    async with database.read() as connection:
        kept = await connection.fetch(
            "SELECT mail::text FROM mail UNION ALL SELECT contact::text FROM contact"
        )
    assert len(kept) == 2
    assert "evil" not in str(kept)
