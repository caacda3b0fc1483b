"""The newsletter button: one press, one event."""

import asyncio
from datetime import datetime, timedelta

import pytest

from identity.usecases.change_newsletter import change_newsletter
from newsreel_runtime.errors import ServiceError
from newsreel_testing.identity_service import Identity, short

ADDRESS = "ada@example.org"


async def test_a_press_changes_once_and_says_so_once(identity: Identity, noon: datetime) -> None:
    account_id = await identity.make_account(ADDRESS, noon)
    before = len(await identity.outbox())
    later = noon + timedelta(minutes=1)

    async def press(wanted: bool) -> bool:
        async with identity.database.begin() as tx:
            return await change_newsletter(tx, account_id, later, wanted)

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
            await change_newsletter(tx, account_id, noon, True)
    assert refusal.value.code == "session-ended"
