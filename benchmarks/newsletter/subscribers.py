"""Subscribers and news for an issue, and its mails in the queue."""

import time

from newsreel_runtime.clock import now
from newsreel_runtime.database import Database
from newsreel_runtime.transaction import Tx
from notifier.usecases.make_issue import make_issue, queue_mails

_SUBSCRIBERS = """
INSERT INTO contact (account_id, address, locale, newsletter, changed_at)
SELECT gen_random_uuid(), 'p' || n || '@example.org', (ARRAY['en', 'fr', 'uk'])[1 + n % 3], true, now()
FROM generate_series(1, $1) AS n
"""


_VIDEOS = """
INSERT INTO news (video_id, version, titles, headlines, published_at, is_usable)
SELECT gen_random_uuid(), 1, jsonb_build_object('en', 'Press conference number ' || n),
       jsonb_build_object('en', 'Questions and answers after the session, number ' || n), now(), true
FROM generate_series(1, 10) AS n
"""


async def subscribe(tx: Tx, count: int) -> None:
    """So many people, in three languages, and ten videos that are new."""
    await tx.sql.execute(_SUBSCRIBERS, count)
    await tx.sql.execute(_VIDEOS)


async def queued(database: Database) -> tuple[int, float]:
    """The issue's number, and the seconds until every subscriber's mail was in the queue."""
    began = time.perf_counter()
    async with database.begin() as tx:
        made = await make_issue(tx, now().date(), None, now())
    if made is None:
        raise LookupError("no issue was made")
    more = True
    while more:
        async with database.begin() as tx:
            more = await queue_mails(tx)
    return made.issue, time.perf_counter() - began
