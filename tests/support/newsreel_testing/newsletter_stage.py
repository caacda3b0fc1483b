"""Subscribers, videos and schedules for tests of the newsletter."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from newsreel_events.catalog import VideoStateV1
from newsreel_runtime.clock import now
from newsreel_runtime.database import Database
from newsreel_runtime.ids import new_id
from newsreel_testing.delivery_service import a_video
from notifier.domain.mail import Locale
from notifier.domain.schedule import Schedule
from notifier.store import contacts, news
from notifier.usecases.make_issue import Made, make_due_issue, make_issue, queue_mails

DAILY = "daily 00:00 UTC"


def a_schedule(text: str = DAILY) -> Schedule:
    schedule = Schedule.parse(text)
    assert schedule is not None
    return schedule


@dataclass(frozen=True)
class Newsletters:
    """The notifier's database, and what happens to it."""

    database: Database

    async def subscriber(
        self, address: str, locale: Locale = "en", *, account_id: UUID | None = None, newsletter: bool = True
    ) -> UUID:
        """A contact as it comes from the bus."""
        account_id = account_id or new_id()
        async with self.database.begin() as tx:
            await contacts.save_contact(
                tx, account_id, address, locale, newsletter=newsletter, changed_at=now()
            )
        return account_id

    async def published(self, title: str = "Press conference", **others: object) -> VideoStateV1:
        """A video as it comes from the bus, published a moment ago."""
        known = {"titles": {"en": title}, "published_at": now(), **others}
        video = a_video().model_copy(update=known)
        async with self.database.begin() as tx:
            await news.save_video(tx, video)
        return video

    async def begun(self) -> None:
        """Not the first slot of all: an earlier one was dealt with three days ago."""
        slot = datetime.now(UTC) - timedelta(days=3)
        await self.execute(
            "INSERT INTO newsletter_issue (day, slot, addressed_at) VALUES ($1, $2, $2)", slot.date(), slot
        )

    async def due(self, text: str = DAILY, at: datetime | None = None) -> Made | None:
        """A turn of the timer: the issue that is due is made."""
        async with self.database.begin() as tx:
            return await make_due_issue(tx, a_schedule(text), at or now())

    async def sent_by_hand(self, day: date | None = None) -> Made:
        """An operator's issue, with its mails queued."""
        async with self.database.begin() as tx:
            made = await make_issue(tx, day or now().date(), None, now())
        assert made is not None
        await self.queued()
        return made

    async def queued(self) -> None:
        """All mails of the issues are in the queue."""
        more = True
        while more:
            async with self.database.begin() as tx:
                more = await queue_mails(tx)

    async def execute(self, sql: str, *values: object) -> None:
        async with self.database.begin() as tx:
            await tx.sql.execute(sql, *values)

    async def states(self) -> list[tuple[str, bool]]:
        """State of each mail, and whether its address is still there; in the order of accounts."""
        async with self.database.read() as sql:
            rows = await sql.fetch(
                "SELECT state, address IS NOT NULL FROM newsletter_mail ORDER BY reference_id, day"
            )
        return [(row[0], row[1]) for row in rows]
