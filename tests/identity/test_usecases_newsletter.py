"""The newsletter: one press, one event, also by the link of a mail; who agreed when is recorded."""

import asyncio
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from identity.domain.account import Consent
from identity.usecases.change_newsletter import change_newsletter, leave_newsletter
from newsreel_runtime.errors import ServiceError
from newsreel_testing.identity_service import Identity, short
from notifier.domain.unsubscribe import unsubscribe_token

ADDRESS = "ada@example.org"


async def test_a_press_changes_once_and_says_so_once(identity: Identity, noon: datetime) -> None:
    account_id = await identity.make_account(ADDRESS, noon)
    before = len(await identity.outbox())
    later = noon + timedelta(minutes=1)

    async def press(wanted: bool) -> bool:
        async with identity.database.begin() as tx:
            return await change_newsletter(
                tx, account_id, later, Consent(wanted, later, "account", "2026-11")
            )

    assert await asyncio.gather(*(press(True) for _ in range(5))) == [True] * 5
    assert [await press(False), await press(False)] == [False, False]
    published = (await identity.outbox())[before:]
    assert [short(row) for row in published] == [
        "account.newsletter-subscribed",
        "contact.changed",
        "account.newsletter-unsubscribed",
        "contact.changed",
    ]
    assert [row.data["newsletter"] for row in published[1::2]] == [True, False]
    assert published[0].data["account"]["newsletter"] is True


async def test_a_token_from_before_a_reset_changes_nothing(identity: Identity, noon: datetime) -> None:
    account_id = await identity.make_account(ADDRESS, noon)
    async with identity.database.begin() as tx:
        with pytest.raises(ServiceError) as refusal:
            await change_newsletter(tx, account_id, noon, Consent(True, noon, "account"))
    assert refusal.value.code == "session-ended"


async def consents(identity: Identity) -> list[tuple[bool, str, str | None]]:
    async with identity.database.read() as sql:
        rows = await sql.fetch("SELECT subscribed, how, wording FROM newsletter_consent ORDER BY consent_id")
    return [(row[0], row[1], row[2]) for row in rows]


async def test_the_link_of_a_mail_ends_the_subscription_once(identity: Identity, noon: datetime) -> None:
    account_id = await identity.make_account(ADDRESS, noon)
    token = unsubscribe_token(identity.keys.unsubscribe, account_id)
    later = noon + timedelta(minutes=1)
    async with identity.database.begin() as tx:
        await change_newsletter(tx, account_id, later, Consent(True, later, "account", "2026-11"))
    before = len(await identity.outbox())
    for _ in range(2):
        async with identity.database.begin() as tx:
            await leave_newsletter(tx, token, identity.keys.unsubscribe, later)
    published = (await identity.outbox())[before:]
    assert [short(row) for row in published] == ["account.newsletter-unsubscribed", "contact.changed"]
    assert await consents(identity) == [(True, "account", "2026-11"), (False, "link", None)]


async def test_who_is_suspended_may_still_leave(identity: Identity, noon: datetime) -> None:
    account_id = await identity.make_account(ADDRESS, noon)
    later = noon + timedelta(minutes=1)
    async with identity.database.begin() as tx:
        await change_newsletter(tx, account_id, later, Consent(True, later, "account"))
        await tx.sql.execute("UPDATE account SET status = 'suspended'")
        with pytest.raises(ServiceError):
            await change_newsletter(tx, account_id, later, Consent(False, later, "account"))
        token = unsubscribe_token(identity.keys.unsubscribe, account_id)
        await leave_newsletter(tx, token, identity.keys.unsubscribe, later)
    assert [subscribed for subscribed, _, _ in await consents(identity)] == [True, False]


async def test_a_link_of_nobody_changes_nothing(identity: Identity, noon: datetime) -> None:
    await identity.make_account(ADDRESS, noon)
    stranger = unsubscribe_token(identity.keys.unsubscribe, uuid4())
    async with identity.database.begin() as tx:
        await leave_newsletter(tx, stranger, identity.keys.unsubscribe, noon)
        with pytest.raises(ServiceError) as refusal:
            await leave_newsletter(tx, f"{stranger}A", identity.keys.unsubscribe, noon)
    assert refusal.value.code == "unsubscribe-refused"
    assert await consents(identity) == []
