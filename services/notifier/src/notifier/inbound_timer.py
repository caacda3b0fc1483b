"""What the notifier does by the clock: the newsletter is made, mails that ended long ago are forgotten."""

from collections.abc import Callable
from datetime import timedelta

from newsreel_runtime.clock import now
from newsreel_runtime.database import Database
from newsreel_runtime.timer import Timer, every
from notifier.domain.schedule import Schedule
from notifier.store.queue import CODES, NEWSLETTERS, RECALLS
from notifier.usecases.make_issue import make_due_issue, queue_mails

_KEPT = timedelta(days=30)  # longer than anything could still be replayed: a doubled event must find its row
_NEWSLETTER_SECONDS = 5.0
_ROWS = 1000  # of one transaction
_BATCHES = 100  # of one turn


def create_timers(
    database: Database, schedule: Schedule | None, on_newsletter: Callable[[], None]
) -> tuple[Timer, ...]:
    """`on_newsletter` is called after each commit that queued newsletters."""

    async def forget_mail() -> None:
        for queue in (CODES, NEWSLETTERS, RECALLS):
            for _ in range(_BATCHES):
                async with database.begin() as tx:
                    if await queue.forget(tx, _KEPT, _ROWS) < _ROWS:
                        break

    async def newsletter() -> None:
        if schedule is not None:
            async with database.begin() as tx:
                await make_due_issue(tx, schedule, now())
        for _ in range(_BATCHES):
            async with database.begin() as tx:
                if not await queue_mails(tx):
                    return
            on_newsletter()

    return (
        every(3600, "the deletion of old mails", forget_mail),
        every(_NEWSLETTER_SECONDS, "the newsletter", newsletter),
    )
