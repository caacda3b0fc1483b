"""`make prove-secrets COUNT=1000`: people use their accounts, and then everything that was kept is searched.

Every code, password, token, cookie, signature and address that they typed or were given is looked for in each
table, topic, log, span and metric, in every form that it may have there (`newsreel_testing.secrecy`).
"""

import argparse
import asyncio
import json
import random
import re
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field

import httpx

from newsreel_local.journey import Journey
from newsreel_local.paths import LocalDir
from newsreel_local.secrets_file import DATABASE_OWNERS
from newsreel_local.stack import RunningStack, running_stack
from newsreel_local.visitor import PageError
from newsreel_proving import walks
from newsreel_proving.people import Person, World
from newsreel_proving.programs import call_as_client, register_by_program, reset_by_program
from newsreel_testing.operators import newsreel
from newsreel_testing.secrecy import places
from newsreel_testing.secrecy.allowances import judged
from newsreel_testing.secrecy.collecting import Collected
from newsreel_testing.secrecy.forms import Secret
from newsreel_testing.secrecy.kept_logs import KeptLogs
from newsreel_testing.secrecy.search import Found, Search
from newsreel_testing.secrecy.telemetry_sink import telemetry_sink
from newsreel_testing.wait_until import until

_AT_ONCE = 4
_KEY = re.compile(r"[0-9a-f]{48,}|(?<=\"d\": \")[A-Za-z0-9_-]{43}")
_UNDER_WAY = {
    "mails of notifier": "SELECT (SELECT count(*) FROM mail WHERE ended_at IS NULL)"
    " + (SELECT count(*) FROM newsletter_mail WHERE ended_at IS NULL)"
    " + (SELECT count(*) FROM recall_mail WHERE ended_at IS NULL)",
    "audit of delivery": "SELECT count(*) FROM audit_waiting",
    **{f"outbox of {owner}": "SELECT count(*) FROM outbox" for owner in DATABASE_OWNERS},
}
Step = Callable[[Person, Journey], Awaitable[None]]


async def _subscribe(_: Person, browser: Journey) -> None:
    await browser.subscribe()


# How many of the people do it, in an order of their own.
STEPS: tuple[tuple[float, Step], ...] = (
    (0.5, walks.download),
    (0.3, walks.take_by_program),
    (0.3, walks.take_by_bearer_ticket),
    (0.5, _subscribe),
    (0.3, walks.choose_language),
    (0.3, walks.export),
    (0.2, walks.end_other_session),
    (0.2, walks.sign_out),
    (0.15, walks.sign_out_everywhere),
    (0.25, walks.change_password),
    (0.3, walks.reset),
    (0.02, walks.be_suspended),
    (0.02, call_as_client),
)


@dataclass
class Figures:
    """What was done, how many were put off on their way, and what was found where nothing may be."""

    journeys: int
    broken_off: int
    secrets: int
    bytes_searched: int
    hits: int
    allowances_unused: int

    @property
    def is_proof(self) -> bool:
        return not self.hits and not self.allowances_unused and self.broken_off <= self.journeys // 50


@dataclass
class Searched:
    """Places one after the other, and what was found in them."""

    search: Search
    size: int = 0
    found: list[Found] = field(default_factory=list)

    def look(self, place: places.Place) -> None:
        where, content = place
        self.size += len(content)
        self.found += self.search.find(where, content)


async def journey(world: World, seed: int, number: int) -> Person | None:
    """One person's whole way by chance. The person, if it wants the newsletter."""
    async with world.places, AsyncExitStack() as exits:
        person = Person(world, seed, number, exits)
        if person.maybe(0.15):
            await register_by_program(person)
            if person.maybe(0.5):
                await reset_by_program(person)
        else:
            resent = person.chance.choices(("", "at once", "patiently"), (0.8, 0.15, 0.05))[0]
            strangers, wrong = (3, 0) if person.maybe(0.05) else (0, person.chance.choice((0, 0, 1, 3)))
            browser = await person.browser()
            await walks.register(person, browser, strangers=strangers, wrong=wrong, resent=resent)
        browser = await person.browser()
        await walks.sign_in(person, browser, wrong=person.chance.choice((0, 0, 0, 1, 2)))
        chosen = [step for share, step in STEPS if person.maybe(share) or number == 0]  # somebody does all
        for step in person.chance.sample(chosen, len(chosen)):
            await step(person, browser)
        if person.maybe(0.1):
            await walks.close(person, browser)
            return None
        return person if _subscribe in chosen else None


async def _everybody(world: World, count: int, seed: int) -> int:
    """How many did not come to the end of their way: a service that is overloaded puts them off (503)."""
    done = broken_off = 0

    async def walk(number: int) -> Person | None:
        nonlocal done, broken_off
        subscriber = None
        try:
            subscriber = await journey(world, seed, number)
        except (AssertionError, httpx.HTTPError, PageError, TimeoutError) as error:
            broken_off += 1
            print(f"journey {number}: {type(error).__name__} {error}", flush=True)
        done += 1
        if done % 50 == 0:
            print(f"{done} journeys, {len(world.collected.secrets)} secrets", flush=True)
        return subscriber

    subscribers = await asyncio.gather(*map(walk, range(count)))
    await newsreel(world.stack, "notifier", "newsletter", "send", "--yes")

    async def leave(number: int) -> None:
        async with world.places, AsyncExitStack() as exits:
            again = Person(world, seed, number, exits)
            await walks.leave_newsletter(again, await again.browser())

    await asyncio.gather(*(leave(number) for number, found in enumerate(subscribers) if found))
    return broken_off


def keys(stack: RunningStack) -> Iterator[Secret]:
    """The stack's own keys and passwords."""
    for found in _KEY.findall(json.dumps(asdict(stack.layout.secrets)).replace('\\"', '"')):
        yield Secret("key", found)


async def at_rest(stack: RunningStack) -> AsyncIterator[places.Place]:
    """What only a running stack tells, once nothing is under way."""
    connect = places.connecting(stack)

    async def is_idle() -> bool:
        for name, question in _UNDER_WAY.items():
            connection = await connect(name.rpartition(" ")[2])
            try:
                if await connection.fetchval(question):
                    return False
            finally:
                await connection.close()
        return True

    await until(is_idle, "the last mail and event to be sent", deadline=120)
    async for place in places.tables(connect):
        yield place
    async for place in places.records(places.administrator(stack)):
        yield place


def _kept(folder: LocalDir) -> Iterator[places.Place]:
    """What a stack leaves behind that has stopped."""
    yield from places.logs(folder.root / "kept-logs")
    yield from places.files("spans", folder.root / "telemetry", "spans.otlp")
    yield from places.files("metrics", folder.root / "telemetry", "metrics.otlp")
    yield from places.files("spans", folder.data("traces"))
    yield from places.files("mails", folder.data("mail"))


async def prove(folder: LocalDir, count: int, seed: int) -> tuple[Figures, list[Found]]:
    """Walk, stop, search. The figures, and what must not be where it was found."""
    with (
        telemetry_sink(folder.root / "telemetry") as origin,
        KeptLogs(folder.root / "logs", folder.root / "kept-logs"),
    ):
        environment = {"NEWSREEL_OTLP_ENDPOINT": origin, "NEWSREEL_METRICS": "otlp"}
        async with running_stack(folder.root, environment=environment) as stack:
            await places.watch_outboxes(stack)
            collected = Collected(stack)
            broken_off = await _everybody(World(stack, collected, asyncio.Semaphore(_AT_ONCE)), count, seed)
            searched = Searched(Search([*collected.secrets, *keys(stack)]))
            async for place in at_rest(stack):
                searched.look(place)
    for place in _kept(folder):
        searched.look(place)
    leaks, unused = judged(searched.found)
    for allowance in unused:
        print(f"nobody needs: {allowance}")
    done = Figures(count, broken_off, len(collected.secrets), searched.size, len(leaks), len(unused))
    return done, leaks


def main() -> int:
    parser = argparse.ArgumentParser(prog="make prove-secrets")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    arguments = parser.parse_args()
    folder = LocalDir.of_environment().root / "prove-secrets"
    shutil.rmtree(folder, ignore_errors=True)
    print(f"seed {arguments.seed}", flush=True)
    figures, leaks = asyncio.run(prove(LocalDir.made(folder), arguments.count, arguments.seed))
    for leak in {(leak.secret.kind, leak.where): leak for leak in leaks}.values():
        print(leak)
    print(json.dumps(asdict(figures)))
    return 0 if figures.is_proof else 1


if __name__ == "__main__":
    sys.exit(main())
