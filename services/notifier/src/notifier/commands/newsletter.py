"""What `newsreel newsletter` prints and does."""

import asyncio
import json
import sys
from dataclasses import asdict
from typing import Any

from newsreel_runtime.clock import now
from newsreel_runtime.database import Database
from newsreel_runtime.sql import Sql
from notifier.domain.mail import Locale
from notifier.domain.newsletter import NewsletterMail
from notifier.domain.schedule import Schedule
from notifier.domain.sender import Sender
from notifier.settings import NewsletterSettings
from notifier.store import issues, news
from notifier.templates import read_texts
from notifier.usecases.make_issue import FRESH, make_issue, queue_mails

_ISSUES = 7
_WAITING = ("queued", "sending", "delayed", "unknown")
_SECONDS = 1.0  # between two lines of progress


async def preview(settings: NewsletterSettings, language: Locale, *, html: bool) -> int:
    """The issue of what waits, as a reader of that language gets it."""
    async with Database.open(settings.postgres) as database, database.read() as sql:
        items = await news.waiting(sql, now() - FRESH)
    if not items:
        print("nothing is new: no issue would go out", file=sys.stderr)
        return 1
    sender, text = Sender.parse(settings.mail_from), read_texts()[language]["newsletter"]
    mail = NewsletterMail(text, items, language, sender, settings.portal_origin)
    print(mail.html if html else f"Subject: {mail.subject}\n\n{mail.plain}", end="")
    return 0


async def send(settings: NewsletterSettings, *, yes: bool) -> int:
    """An issue of what waits, to all who got none today; returns once its mails are in the queue."""
    schedule = Schedule.parse(settings.newsletter)
    async with Database.open(settings.postgres) as database:
        async with database.read() as sql:
            items, (people, _) = await news.waiting(sql, now() - FRESH), await issues.count_subscribers(sql)
        if not items or not yes:
            print(f"{len(items)} new videos, {people} subscribers: nothing was sent", file=sys.stderr)
            print("--yes sends it" if items else "no issue without news", file=sys.stderr)
            return 1
        day = schedule.day(now()) if schedule is not None else now().date()
        async with database.begin() as tx:
            made = await make_issue(tx, day, None, now())
        if made is None or not made.videos:
            print("another process made an issue of them a moment ago", file=sys.stderr)
            return 1
        print(f"issue {made.issue}: {made.videos} videos")
        more = True
        while more:
            async with database.begin() as tx:
                more = await queue_mails(tx)
        return await _follow(database, made.issue, until_sent=False)


async def status(settings: NewsletterSettings, *, follow: bool, as_json: bool) -> int:
    """Issues, the newest first, with their mails by state."""
    schedule = Schedule.parse(settings.newsletter)
    upcoming = schedule.next(now()).isoformat() if schedule is not None else None
    async with Database.open(settings.postgres) as database:
        async with database.read() as sql:
            known = await issues.latest(sql, _ISSUES)
            people, refused = await issues.count_subscribers(sql)
            waiting = len(await news.waiting(sql, now() - FRESH))
        if as_json:
            told: dict[str, Any] = {"subscribers": people, "refused": refused, "waiting_videos": waiting}
            told |= {"next": upcoming, "issues": [asdict(issue) for issue in known]}
            print(json.dumps(told, default=str))
            return 0
        print(f"{people} subscribers, {refused} more whose address was refused for good")
        print(f"{waiting} videos wait; the next issue is due {upcoming or 'never'}")
        for issue in known:
            print(_line(issue))
        if follow and known:
            return await _follow(database, known[0].issue, until_sent=True)
    return 0


async def _follow(database: Database, issue: int, *, until_sent: bool) -> int:
    while True:
        async with database.read() as sql:
            state = await _state(sql, issue)
        print(_line(state), flush=True)
        is_queued = state.addressed_at is not None
        if is_queued and not (until_sent and any(state.states.get(name) for name in _WAITING)):
            return 0
        await asyncio.sleep(_SECONDS)


async def _state(sql: Sql, issue: int) -> issues.IssueState:
    return next(state for state in await issues.latest(sql, _ISSUES) if state.issue == issue)


def _line(state: issues.IssueState) -> str:
    counted = ", ".join(f"{count} {name}" for name, count in sorted(state.states.items())) or "no mails"
    origin = "by hand" if state.slot is None else f"due {state.slot:%H:%M} UTC"
    return f"issue {state.issue}, {state.day}, {origin}: {state.videos} videos, {counted}"
