"""An operator suspends an account: the portal and delivery let nobody on with it, until it is restored."""

import asyncio
import sys
from asyncio.subprocess import PIPE, create_subprocess_exec
from pathlib import Path

import httpx
import pytest

from newsreel_local.stack import RunningStack
from newsreel_proving.revocation import Sessions
from newsreel_testing.wait_until import until


async def accounts(stack: RunningStack, *words: str) -> str:
    """What `newsreel accounts …` prints in identity's environment."""
    command = (str(Path(sys.executable).with_name("newsreel")), "accounts", *words)
    variables = stack.layout.process("identity")
    started = await create_subprocess_exec(*command, env=variables, stdout=PIPE, stderr=PIPE)
    output, errors = await asyncio.wait_for(started.communicate(), 60)
    assert started.returncode == 0, errors.decode()
    return output.decode()


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
        await accounts(stack, "suspend", *change)
        await until(is_refused, "delivery refuses the token of a suspended account")
        page = await person.visitor.visit("/account")
        assert page.form("/sign-in").action == "/sign-in"
        with pytest.raises(httpx.HTTPStatusError, match="401"):
            await sessions.token()
        await accounts(stack, "restore", *change)
        await until(is_welcome_again, "delivery takes a new token of a restored account")
        assert not await sessions.is_taken(token)
        assert "restore by olga: ticket 7" in await accounts(stack, "show", person.address)
