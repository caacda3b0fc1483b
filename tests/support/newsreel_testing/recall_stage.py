"""Notices of recalls in the notifier's database, and a sender for them."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from newsreel_events.notifier import NOTICE
from newsreel_runtime.clock import now
from newsreel_runtime.database import Database
from newsreel_runtime.ids import new_id
from newsreel_testing.fake_smtp import PORTAL, SENDER, MailServer, a_pool
from notifier.domain.mail import Locale
from notifier.domain.recall import RecalledVideo
from notifier.store import contacts
from notifier.store.queue import RECALLS
from notifier.templates import read_texts
from notifier.usecases.queue_recall import queue_recall
from notifier.usecases.write_recall import RecallWriter
from notifier.worker.sender import MailSender


def a_recall(kind: str = "withdrawn") -> RecalledVideo:
    """A video that is recalled, of which the press office says why."""
    titles = {"en": "Press conference", "uk": "Пресконференція"}
    return RecalledVideo(new_id(), new_id(), kind, "NR-0001", titles, {"en": "A date is wrong."})


@dataclass(frozen=True)
class Recalls:
    """The notifier's database, and what happens to it."""

    database: Database
    recalled: RecalledVideo = field(default_factory=a_recall)

    async def person(self, address: str, locale: Locale = "en", account_id: UUID | None = None) -> UUID:
        """A contact as it comes from the bus."""
        account_id = account_id or new_id()
        async with self.database.begin() as tx:
            await contacts.save_contact(tx, account_id, address, locale, newsletter=False, changed_at=now())
        return account_id

    async def noticed(self, account_id: UUID, notice_id: UUID | None = None) -> UUID:
        """Delivery says: this account is to be told."""
        notice_id = notice_id or new_id()
        async with self.database.begin() as tx:
            await queue_recall(tx, self.recalled, notice_id, account_id, at=now(), traceparent=None)
        return notice_id

    async def states(self) -> list[str]:
        """State of each mail, in the order of their queueing; those that have ended have no address."""
        async with self.database.read() as sql:
            rows = await sql.fetch("SELECT state, address, ended_at FROM recall_mail ORDER BY mail_id")
        assert all((row["address"] is None) == (row["ended_at"] is not None) for row in rows)
        return [row["state"] for row in rows]

    async def have_ended(self) -> bool:
        async with self.database.read() as sql:
            return not await sql.fetchval("SELECT count(*) FROM recall_mail WHERE ended_at IS NULL")

    async def said(self) -> list[dict[str, Any]]:
        """What the bus hears, and that it hears it on no topic but that of notices."""
        async with self.database.read() as sql:
            rows = await sql.fetch("SELECT topic, payload FROM outbox ORDER BY seq")
        assert {row["topic"] for row in rows} <= {NOTICE}
        return [json.loads(row["payload"]) for row in rows]


@asynccontextmanager
async def sending_recalls(
    database: Database, server: MailServer, connections: int = 2
) -> AsyncIterator[None]:
    """A sender of recalls at work; stopped in order at the end."""
    writer = RecallWriter(database, read_texts(), SENDER, PORTAL)
    pool = a_pool(server, size=connections)
    sender = MailSender(database, RECALLS, pool, writer.write, timedelta(seconds=60))
    stopping = asyncio.Event()
    task = asyncio.create_task(sender.run(stopping))
    try:
        yield
    finally:
        stopping.set()
        sender.wake()
        await task
