"""kill -9 between commit and publish, and between consuming and sending: every code mail arrives.

A mail may come twice only when the notifier died between the server's 250 and its own commit: it counts those
attempts itself, as losses.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import asyncpg
import httpx

from newsreel_testing.mail_pipeline import Armed, MailPipeline, RestartingService, open_pipeline
from newsreel_testing.wait_until import until

KILLS = 20
SEED = random.SystemRandom().randrange(1_000_000)


def dies_at(*points: str) -> Armed:
    """Lives that end at a fail point, each in turn, until they were ended often enough."""

    def armed(start: int) -> dict[str, str]:
        if start >= KILLS:
            return {}
        return {"NEWSREEL_FAILPOINTS": points[start % len(points)]}

    return armed


def short_lease(armed: Armed) -> Armed:
    """So that a mail of a dead sender is taken up again soon."""
    return lambda start: armed(start) | {"NEWSREEL_NOTIFIER_SEND_LEASE": "2", "NEWSREEL_ENVIRONMENT": "test"}


def unarmed(_: int) -> dict[str, str]:
    """Lives that are killed from outside."""
    return {}


@asynccontextmanager
async def under_load(pipeline: MailPipeline) -> AsyncIterator[None]:
    """Two persons at a time register, again and again."""
    numbers = count(1)
    ended = asyncio.Event()

    async def press(client: httpx.AsyncClient) -> None:
        while not ended.is_set():
            before = len(pipeline.accepted)
            await pipeline.register(client, f"person-{next(numbers)}@example.org")
            if len(pipeline.accepted) == before:  # nobody answers just now
                await pipeline.identity.ready()

    async with httpx.AsyncClient(timeout=5) as client:
        pressing = [asyncio.create_task(press(client)) for _ in range(2)]
        yield
        ended.set()
        await asyncio.gather(*pressing)


async def losses(pipeline: MailPipeline) -> int:
    """Attempts whose outcome the notifier did not know."""
    connection = await asyncpg.connect(
        host="127.0.0.1",
        port=pipeline.layout.ports["postgres"],
        user="notifier",
        database="notifier",
        password=pipeline.layout.secrets.postgres["notifier"],
    )
    try:
        found: int = await connection.fetchval("SELECT coalesce(sum(losses), 0)::int FROM mail")
        return found
    finally:
        await connection.close()


async def check(pipeline: MailPipeline) -> None:
    """The oracle."""

    async def all_arrived() -> bool:
        return not pipeline.missing()

    await until(
        all_arrived, f"mails of {len(pipeline.accepted)} accepted registrations", deadline=60, pause=0.2
    )
    doubled = sum(times - 1 for times in pipeline.delivered().values())
    known = await losses(pipeline)
    print(f"seed {SEED}: {len(pipeline.accepted)} accepted, 0 lost, {doubled} doubled, {known} counted")
    assert doubled <= known


async def test_named_places(tmp_path: Path) -> None:
    identity = dies_at("relay.fetched:2", "relay.acknowledged:2")
    notifier = dies_at("mail.queued:2", "mail.claimed:2", "consumer.applied:2", "mail.delivered:2")
    async with open_pipeline(
        tmp_path, lambda n: identity(n) | {"NEWSREEL_ENVIRONMENT": "test"}, short_lease(notifier)
    ) as pipeline:

        async def enough() -> bool:
            return min(pipeline.identity.deaths, pipeline.notifier.deaths) >= KILLS

        async with under_load(pipeline):
            await until(enough, f"{KILLS} deaths of each", deadline=200, pause=0.1)
        await check(pipeline)


async def test_random_moments(tmp_path: Path) -> None:
    chance = random.Random(SEED)

    async def killing(service: RestartingService) -> None:
        while service.deaths < KILLS:
            deaths = service.deaths
            await service.ready()
            await asyncio.sleep(chance.uniform(0, 0.8))  # the moment is the point of this test
            service.kill()

            async def dead(before: int = deaths) -> bool:
                return service.deaths > before

            await until(dead, f"the end of {service.service}")

    async with open_pipeline(tmp_path, unarmed, short_lease(unarmed)) as pipeline:
        async with under_load(pipeline):
            await asyncio.gather(killing(pipeline.identity), killing(pipeline.notifier))
        await check(pipeline)
