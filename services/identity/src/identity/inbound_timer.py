"""Expired rows are deleted every minute."""

from identity.usecases.purge_expired import purge_expired
from newsreel_runtime.database import Database
from newsreel_runtime.timer import Timer, every

_BATCHES = 20  # at most in one turn, so that a backlog does not delay the end of the process


def create_timers(database: Database) -> tuple[Timer, ...]:
    async def purge() -> None:
        for _ in range(_BATCHES):
            async with database.begin() as tx:
                if not await purge_expired(tx):
                    return

    return (every(60, "the purge of expired rows", purge),)
