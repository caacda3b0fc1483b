"""What the notifier does by the clock: mails that ended long ago are forgotten."""

import asyncio
import logging
from datetime import timedelta

from newsreel_runtime.database import DATABASE_ERRORS, Database
from newsreel_runtime.service import Timer
from newsreel_runtime.wakeup import pause
from notifier import store

_log = logging.getLogger(__name__)
_KEPT = timedelta(days=30)  # longer than anything could still be replayed: a doubled event must find its row
_EACH = 3600.0  # seconds
_AT_ONCE = 1000  # rows of one transaction


def create_timers(database: Database) -> tuple[Timer, ...]:
    """Run each until its event is set."""

    async def forget_mail(stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            try:
                gone = _AT_ONCE
                while gone == _AT_ONCE and not stopping.is_set():
                    async with database.begin() as tx:
                        gone = await store.forget_mail(tx, _KEPT, _AT_ONCE)
            except DATABASE_ERRORS as error:
                _log.warning("old mails could not be deleted: %s", type(error).__qualname__)
            await pause(stopping, _EACH)

    return (forget_mail,)
