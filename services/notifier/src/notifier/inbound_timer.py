"""What the notifier does by the clock: mails that ended long ago are forgotten."""

from datetime import timedelta

from newsreel_runtime.database import Database
from newsreel_runtime.timer import Timer, every
from notifier import store

_KEPT = timedelta(days=30)  # longer than anything could still be replayed: a doubled event must find its row
_ROWS = 1000  # of one transaction
_BATCHES = 100  # of one turn


def create_timers(database: Database) -> tuple[Timer, ...]:
    async def forget_mail() -> None:
        for _ in range(_BATCHES):
            async with database.begin() as tx:
                if await store.forget_mail(tx, _KEPT, _ROWS) < _ROWS:
                    return

    return (every(3600, "the deletion of old mails", forget_mail),)
