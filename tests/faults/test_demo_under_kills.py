"""Any one process is killed during the demo: it ends well all the same, or says which step failed and why.

Either way nothing is lost: the next demo ends well, every outbox empties, and nothing was parked.
"""

import asyncio
import random
from collections.abc import AsyncIterator

import asyncpg
import pytest

from newsreel_events import TOPICS
from newsreel_local.demo import DemoError, run_demo
from newsreel_local.environment import SERVICES
from newsreel_local.health import until_ready
from newsreel_local.journey import Addresses
from newsreel_local.secrets_file import DATABASE_OWNERS
from newsreel_local.stack import RunningStack, running_stack
from newsreel_testing.secrecy import places
from newsreel_testing.wait_until import until

SEED = random.SystemRandom().randrange(1_000_000)
PARTS = (*SERVICES, "mailbox", "traces", "postgres", "kafka")


@pytest.fixture(scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningStack]:
    """A stack of its own: the journeys' one is not to be killed."""
    async with running_stack(tmp_path_factory.mktemp("killed")) as running:
        yield running


def addresses(stack: RunningStack) -> Addresses:
    """Where the demo goes."""
    origin = stack.ports.origin
    return Addresses(portal=origin("edge"), mailbox=origin("mailbox"), traces=origin("traces"))


async def kill_after(
    stack: RunningStack, part: str, step: int, said: list[str], demo: "asyncio.Task[None]"
) -> int:
    """SIGKILL once the demo has said that it did `step`."""

    async def done() -> bool:
        return any(line.startswith(f"{step:>3}. ") for line in said) or demo.done()

    await until(done, f"step {step}", deadline=60, pause=0.002)
    return stack.kill(part)


async def restarted(stack: RunningStack, part: str, killed: int) -> None:
    """Return when another process runs in its place and all services are ready again."""

    async def another() -> bool:
        try:
            return stack.pid(part) != killed
        except LookupError:
            return False

    await until(another, f"another {part}", deadline=30)
    async with asyncio.timeout(120):
        await asyncio.gather(*(until_ready(stack.ports[name]) for name in SERVICES))


async def waiting_events(stack: RunningStack) -> int:
    """Rows in all outboxes."""
    total = 0
    for owner in DATABASE_OWNERS:
        connection = await asyncpg.connect(
            host="127.0.0.1",
            port=stack.ports["postgres"],
            user=owner,
            database=owner,
            password=stack.layout.secrets.postgres[owner],
        )
        total += await connection.fetchval("SELECT count(*) FROM outbox")
        await connection.close()
    return total


@pytest.mark.parametrize("part", PARTS)
async def test_the_demo_survives_or_says_why(part: str, stack: RunningStack) -> None:
    step = random.Random(f"{SEED} {part}").randrange(1, 11)
    said: list[str] = []
    demo = asyncio.create_task(run_demo(addresses(stack), said.append))
    killed = await kill_after(stack, part, step, said, demo)
    try:
        await demo
    except DemoError as error:  # any other error is no clear message
        print(f"seed {SEED}, {part} killed after step {step}: {error}")
    await restarted(stack, part, killed)

    async def ends_well() -> bool:
        try:
            await run_demo(addresses(stack), said.append)
        except DemoError:  # consumers may still be on their way back to a restarted Kafka
            return False
        return True

    await until(ends_well, "a demo that ends well", deadline=150)

    async def emptied() -> bool:
        return await waiting_events(stack) == 0

    await until(emptied, "empty outboxes")


async def test_nothing_was_parked(stack: RunningStack) -> None:
    names = [topic.parked(consumer) for topic in TOPICS for consumer in topic.consumers]
    kept = [content async for _, content in places.records(places.administrator(stack), names)]
    assert set(kept) == {b""}
