"""Trial A21: an address that was registered and never proven goes with its last challenge."""

import asyncio

from identity.usecases.purge_expired import purge_expired
from newsreel_runtime.clock import now
from newsreel_testing.identity_service import Identity, short
from newsreel_testing.wait_until import until

ADDRESS = "ada@example.org"


async def end_challenges(identity: Identity, purpose: str) -> None:
    """Their time is over."""
    async with identity.database.begin() as tx:
        await tx.sql.execute(
            "UPDATE challenge SET purge_after = now() - interval '1 second' WHERE purpose = $1", purpose
        )


async def purge(identity: Identity) -> None:
    """A turn of the timer."""
    async with identity.database.begin() as tx:
        await purge_expired(tx)


async def addresses(identity: Identity) -> list[str]:
    """Of all accounts."""
    async with identity.database.read() as sql:
        return [row["address"] for row in await sql.fetch("SELECT address FROM account ORDER BY address")]


async def test_it_goes_with_its_last_challenge_and_the_bus_is_told(identity: Identity) -> None:
    await identity.make_account("proven@example.org", now())
    await identity.register(ADDRESS, now())
    await identity.ask_reset(ADDRESS, now())
    before = len(await identity.outbox())
    await end_challenges(identity, "signup")
    await purge(identity)
    assert await addresses(identity) == [ADDRESS, "proven@example.org"]  # its reset may still prove it
    await end_challenges(identity, "reset")
    await purge(identity)
    await purge(identity)
    assert await addresses(identity) == ["proven@example.org"]
    told = (await identity.outbox())[before:]
    assert [short(row) for row in told] == ["account.deleted", "account.erased", "contact.erased"]
    assert told[0].data["account"]["status"] == "deleted"
    assert len({row.key for row in told}) == 1
    registered = next(row for row in await identity.outbox() if row.key == told[0].key)
    assert short(registered) == "account.registered"


async def test_the_address_can_be_registered_again(identity: Identity) -> None:
    await identity.register(ADDRESS, now())
    await end_challenges(identity, "signup")
    await purge(identity)
    asked = await identity.register(ADDRESS, now())
    assert await identity.verify(asked, identity.code(asked.challenge_id), now())


async def test_a_registration_that_holds_the_account_keeps_it(identity: Identity) -> None:
    """Whoever is first: the other one sees what it did."""
    await identity.register(ADDRESS, now())
    await end_challenges(identity, "signup")
    async with identity.database.begin() as tx:
        await tx.sql.execute("SELECT FROM account FOR UPDATE")
        await asyncio.wait_for(purge(identity), 5)
    assert await addresses(identity) == [ADDRESS]
    async with identity.database.begin() as tx:
        await purge_expired(tx)
        again = asyncio.ensure_future(identity.register(ADDRESS, now()))
        await until(lambda: waiting(identity), "the registration to wait for the row")
    asked = await again
    assert await identity.verify(asked, identity.code(asked.challenge_id), now())


async def waiting(identity: Identity) -> bool:
    """Whether a statement waits for a lock."""
    async with identity.database.read() as sql:
        return bool(await sql.fetchval("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"))
