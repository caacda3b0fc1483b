"""What delivery does by the clock: accounts that are gone are forgotten when no token of theirs lives."""

from datetime import timedelta

from delivery import store
from newsreel_runtime.database import Database
from newsreel_runtime.timer import Timer, every

_KEPT = timedelta(minutes=10)  # twice the life of an access token
_ROWS = 1000  # of one transaction
_BATCHES = 20  # of one turn


def create_timers(database: Database) -> tuple[Timer, ...]:
    async def forget_accounts() -> None:
        for _ in range(_BATCHES):
            async with database.begin() as tx:
                if await store.forget_accounts(tx, _KEPT, _ROWS) < _ROWS:
                    return

    return (every(60, "the deletion of accounts that are gone", forget_accounts),)
