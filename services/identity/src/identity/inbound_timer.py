"""Once a minute, what is over is deleted."""

import asyncio
import logging

import asyncpg

from identity.usecases.purge_expired import purge_expired
from newsreel_runtime.clock import now
from newsreel_runtime.service import Timer
from newsreel_runtime.transaction import Database

_log = logging.getLogger(__name__)
_PAUSE = 60  # seconds
_BATCHES = 20  # in one turn, so that a backlog is worked off without holding anything up


async def _purge(database: Database) -> None:
    for _ in range(_BATCHES):
        async with database.begin() as tx:
            more = await purge_expired(tx, now())
        if not more:
            return


def purging(database: Database) -> Timer:
    """The timer that purges until the service stops; a database that is away is met at the next turn."""

    async def run(stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            try:
                await _purge(database)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                _log.warning("purging was put off: %s", type(error).__qualname__)
            try:
                async with asyncio.timeout(_PAUSE):
                    await stopping.wait()
            except TimeoutError:
                continue

    return run
