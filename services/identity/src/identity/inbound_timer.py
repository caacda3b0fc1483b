"""Once a minute, what is over is deleted."""

import asyncio
import logging

from identity.usecases.purge_expired import purge_expired
from newsreel_runtime.clock import now
from newsreel_runtime.database import DATABASE_ERRORS, Database
from newsreel_runtime.service import Timer
from newsreel_runtime.wakeup import pause

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
            except DATABASE_ERRORS as error:
                _log.warning("purging was put off: %s", type(error).__qualname__)
            await pause(stopping, _PAUSE)

    return run
