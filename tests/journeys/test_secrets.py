"""No code, password, token or signature comes to rest anywhere, and an address only where it must."""

import asyncio
from contextlib import AsyncExitStack

import httpx

from newsreel_local.journey import Addresses
from newsreel_local.stack import RunningStack
from newsreel_proving import walks
from newsreel_proving.people import Person, World
from newsreel_proving.programs import register_by_program, reset_by_program
from newsreel_proving.secrecy import STEPS, Searched, at_rest, keys
from newsreel_testing.secrecy import places
from newsreel_testing.secrecy.allowances import judged
from newsreel_testing.secrecy.collecting import Collected
from newsreel_testing.secrecy.search import Search
from newsreel_testing.wait_until import until


async def _whole_ways(world: World, exits: AsyncExitStack) -> str:
    """Somebody does everything once, and somebody's program. The trace of the registration."""
    person = Person(world, 0, 1, exits)
    browser = await person.browser()
    await walks.register(person, browser, strangers=3, wrong=1, resent="at once")
    await walks.sign_in(person, browser, wrong=1)
    for _, step in STEPS:
        await step(person, browser)
    another = Person(world, 0, 2, exits)
    await register_by_program(another)
    await reset_by_program(another)
    await walks.sign_in(another, there := await another.browser())
    await walks.close(another, there)
    return browser.trace_id


async def test_c8_c9_nothing_secret_comes_to_rest(stack: RunningStack, addresses: Addresses) -> None:
    await places.watch_outboxes(stack)
    collected = Collected(stack)
    async with AsyncExitStack() as exits:
        trace_id = await _whole_ways(World(stack, collected, asyncio.Semaphore(1)), exits)

    async def exported() -> bool:
        async with httpx.AsyncClient() as client:
            text = (await client.get(f"{addresses.traces}/traces/{trace_id}.txt")).text
        return "process notifier.mail.v1" in text

    await until(exported, "the spans")
    kinds = {secret.kind for secret in collected.secrets}
    assert len(kinds) == 15, kinds  # all but the stack's keys and what a newsletter's link has
    searched = Searched(Search([*collected.secrets, *keys(stack)]))
    async for place in at_rest(stack):
        searched.look(place)
    for place in (
        *places.logs(stack.local.root / "logs"),
        *places.files("spans", stack.local.data("traces")),
        *places.files("mails", stack.local.data("mail")),
    ):
        searched.look(place)
    leaks, unused = judged(searched.found)
    assert list(map(str, leaks)) == []
    assert [allowance.kind for allowance in unused] == ["unsubscribe token"]
