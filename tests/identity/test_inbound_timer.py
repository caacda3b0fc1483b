"""The timer purges at once, and stops when it is told to."""

import asyncio
from datetime import datetime

from identity.inbound_timer import create_timers
from newsreel_testing.identity_service import Identity
from newsreel_testing.wait_until import until


async def test_it_purges_and_stops(identity: Identity, noon: datetime) -> None:
    long_ago = noon.replace(year=2020)
    await identity.ask_reset("ada@example.org", long_ago)
    stopping = asyncio.Event()
    (purge,) = create_timers(identity.database)
    running = asyncio.ensure_future(purge(stopping))

    async def is_empty() -> bool:
        async with identity.database.read() as connection:
            return bool(await connection.fetchval("SELECT NOT EXISTS (SELECT FROM challenge)"))

    await until(is_empty, "the purge")
    stopping.set()
    async with asyncio.timeout(5):
        await running
