"""State anew: what each account has to say, and its place in the order of the account's own changes."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from identity.domain.account import Consent
from identity.usecases.change_newsletter import change_newsletter
from identity.usecases.republish_accounts import republish_accounts, republish_contacts
from newsreel_testing.identity_service import Identity, Row, short
from newsreel_testing.wait_until import until

START = UUID(int=0)


async def republished(identity: Identity) -> list[Row]:
    """What both topics are told now, in one turn."""
    before = len(await identity.outbox())
    async with identity.database.begin() as tx:
        await republish_accounts(tx, START)
        await republish_contacts(tx, START)
    return (await identity.outbox())[before:]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("unverified", ["account.republished"]),
        ("active", ["account.republished", "contact.changed"]),
        ("suspended", ["account.republished", "contact.changed"]),
        ("deleted", ["account.erased", "contact.erased"]),
    ],
)
async def test_each_status_says_what_is_left_of_it(
    identity: Identity, noon: datetime, status: str, said: list[str]
) -> None:
    account_id = await identity.make_account("ada@example.org", noon)
    async with identity.database.begin() as tx:
        await tx.sql.execute("UPDATE account SET status = $1", status)
    found = await republished(identity)
    assert [short(row) for row in found] == said
    assert {row.key for row in found} == {str(account_id)}
    if status != "deleted":
        assert found[0].data["account"]["status"] == status


async def test_a_turn_goes_on_behind_the_last_one(identity: Identity, noon: datetime) -> None:
    ids = sorted([await identity.make_account(f"p{number}@example.org", noon) for number in range(3)])
    async with identity.database.begin() as tx:
        assert await republish_accounts(tx, ids[0]) == ids[1:]
    async with identity.database.begin() as tx:
        assert await republish_accounts(tx, ids[2]) == []


async def test_a_change_under_way_comes_first_and_is_in_it(identity: Identity, noon: datetime) -> None:
    account_id = await identity.make_account("ada@example.org", noon)
    before = len(await identity.outbox())

    async def again() -> None:
        async with identity.database.begin() as tx:
            await republish_accounts(tx, START)

    async def waits() -> bool:
        async with identity.database.read() as sql:
            return bool(
                await sql.fetchval(
                    """
                    SELECT count(*) FROM pg_stat_activity
                    WHERE datname = current_database() AND wait_event_type = 'Lock'
                    """
                )
            )

    async with identity.database.begin() as tx:
        await change_newsletter(tx, account_id, noon + timedelta(hours=1), Consent(True, noon, "account"))
        task = asyncio.create_task(again())
        await until(waits, "the lock of the account")
    await task
    changed, _, state = (await identity.outbox())[before:]
    assert (short(changed), short(state)) == ("account.newsletter-subscribed", "account.republished")
    assert state.data["account"]["newsletter"] is True
