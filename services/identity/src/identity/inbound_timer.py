"""Expired rows are deleted every minute."""

import asyncio
import logging

from identity.usecases.purge_expired import purge_expired
from newsreel_runtime.database import DATABASE_ERRORS, Database
from newsreel_runtime.service import Timer
from newsreel_runtime.wakeup import pause

_log = logging.getLogger(__name__)
_PAUSE = 60  # seconds
_BATCHES = 20  # at most in one turn, so that a backlog does not delay the end of the process


def create_timers(database: Database) -> tuple[Timer, ...]:
    """The purge, at the start and each minute."""

    async def purge() -> None:
        for _ in range(_BATCHES):
            async with database.begin() as tx:
                if not await purge_expired(tx):
                    return

    async def purge_regularly(stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            try:
                await purge()
            except DATABASE_ERRORS as error:
                _log.warning(
                    "the purge of expired rows failed and is tried again in a minute: %s",
                    type(error).__qualname__,
                )
            await pause(stopping, _PAUSE)

    return (purge_regularly,)
