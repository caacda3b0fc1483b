"""An operator suspends an account: the portal and delivery let nobody on with it, until it is restored."""

import httpx
import pytest

from newsreel_local.stack import RunningStack
from newsreel_proving.revocation import Sessions
from newsreel_testing.operators import newsreel
from newsreel_testing.wait_until import until


async def test_a_suspended_account_is_out_everywhere_until_it_is_restored(stack: RunningStack) -> None:
    async with httpx.AsyncClient(timeout=30) as client:
        sessions = Sessions(client, stack)
        await sessions.register()
        person, token = sessions.person, await sessions.token()

        async def is_taken() -> bool:
            return await sessions.is_taken(token)

        async def is_refused() -> bool:
            return not await sessions.is_taken(token)

        async def is_welcome_again() -> bool:
            return await sessions.is_taken(await sessions.token())

        await until(is_taken, "delivery takes the token")
        change = (person.address, "--reason", "ticket 7", "--as", "olga", "--yes")
        await newsreel(stack, "identity", "accounts", "suspend", *change)
        await until(is_refused, "delivery refuses the token of a suspended account")
        page = await person.visitor.visit("/account")
        assert page.form("/sign-in").action == "/sign-in"
        with pytest.raises(httpx.HTTPStatusError, match="401"):
            await sessions.token()
        await newsreel(stack, "identity", "accounts", "restore", *change)
        await until(is_welcome_again, "delivery takes a new token of a restored account")
        assert not await sessions.is_taken(token)
        assert "restore by olga: ticket 7" in await newsreel(
            stack, "identity", "accounts", "show", person.address
        )
