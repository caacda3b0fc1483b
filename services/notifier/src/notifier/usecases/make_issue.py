"""An issue of the newsletter is made, and its mails are queued."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from newsreel_runtime.failpoints import fail_point
from newsreel_runtime.transaction import Tx
from notifier.domain.schedule import Schedule
from notifier.store import issues, news

FRESH = timedelta(days=21)  # what was published earlier is no news: a new notifier reads all videos there are
_LATE = timedelta(days=1)  # after that a slot is passed over: its videos stand in the next issue
_LIFE = timedelta(hours=20)  # from the making of an issue until its last mail
_CONTACTS = 1000  # of one transaction


@dataclass(frozen=True)
class Made:
    """An issue and how many videos stand in it; without any it goes to nobody."""

    issue: int
    videos: int


async def make_due_issue(tx: Tx, schedule: Schedule, at: datetime) -> Made | None:
    """The issue of the slot that came last, unless it was made. The first slot of all is passed over:
    a newsletter begins with what is published from now on."""
    slot = schedule.latest(at)
    latest = await issues.latest_slot(tx.sql)
    if latest is not None and latest >= slot:
        return None
    if latest is None or at - slot > _LATE:
        issue = await issues.open_issue(tx, schedule.day(slot), slot)
        if issue is not None:
            await issues.close_issue(tx, issue)
        return None
    return await make_issue(tx, schedule.day(slot), slot, at)


async def make_issue(tx: Tx, day: date, slot: datetime | None, at: datetime) -> Made | None:
    """An issue of all that no issue had yet; nothing when another process made the one of that slot."""
    issue = await issues.open_issue(tx, day, slot)
    if issue is None:
        return None
    videos = await news.take_waiting(tx, issue, at - FRESH)
    if not videos:
        await issues.close_issue(tx, issue)
    fail_point("newsletter.made")
    return Made(issue, videos)


async def queue_mails(tx: Tx) -> bool:
    """Queue the mails of the next thousand contacts; false when none is left, or another process is at it."""
    part = await issues.lock_unaddressed(tx)
    if part is None:
        return False
    await issues.address(tx, part, part.made_at + _LIFE, _CONTACTS)
    fail_point("newsletter.queued")
    return True
