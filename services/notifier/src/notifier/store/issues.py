"""Issues of the newsletter, and the mails that they become."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from newsreel_runtime.sql import Sql
from newsreel_runtime.transaction import Tx

# The slot is what two processes cannot both have.
_OPEN = """
INSERT INTO newsletter_issue (day, slot) VALUES ($1, $2) ON CONFLICT (slot) DO NOTHING RETURNING issue
"""
_LATEST_SLOT = "SELECT max(slot) FROM newsletter_issue"
_LOCK_UNADDRESSED = """
SELECT issue, day, made_at, addressed_after FROM newsletter_issue WHERE addressed_at IS NULL
ORDER BY issue LIMIT 1 FOR UPDATE SKIP LOCKED
"""
# Contacts are locked: who leaves or is erased meanwhile waits for the mail, and then withdraws it.
_ADDRESS = """
WITH next AS (
    SELECT account_id, address, locale, newsletter AND refused_at IS NULL AS wanted FROM contact
    WHERE account_id > $2 ORDER BY account_id LIMIT $3
    FOR SHARE),
added AS (
    INSERT INTO newsletter_mail
        (mail_id, reference_id, kind, generation, day, locale, address, send_before, next_at, queued_at)
    SELECT gen_random_uuid(), account_id, 'newsletter', $1, $4, locale, address, $5, now(), now()
    FROM next WHERE wanted
    ON CONFLICT ON CONSTRAINT newsletter_once_a_day DO NOTHING RETURNING 1)
UPDATE newsletter_issue SET
    addressed_after = coalesce(
        (SELECT account_id FROM next ORDER BY account_id DESC LIMIT 1), addressed_after),
    mails = mails + (SELECT count(*) FROM added),
    addressed_at = CASE WHEN (SELECT count(*) FROM next) < $3 THEN now() END
WHERE issue = $1
"""
_CLOSE = "UPDATE newsletter_issue SET addressed_at = now() WHERE issue = $1"
# As the contact says, which may be newer than the event that is handled. What is being sent goes its way.
_READDRESS = """
UPDATE newsletter_mail AS mail SET address = contact.address FROM contact
WHERE mail.reference_id = $1 AND contact.account_id = $1 AND mail.address <> contact.address
  AND mail.ended_at IS NULL
"""
_WITHDRAW = """
UPDATE newsletter_mail SET state = 'withdrawn', ended_at = now(), address = NULL, lease_until = NULL
WHERE reference_id = $1 AND ended_at IS NULL
"""
_STATUS = """
SELECT issue, day, slot, made_at, addressed_at, mails,
       (SELECT count(*) FROM news WHERE news.issue = newsletter_issue.issue) AS videos
FROM newsletter_issue ORDER BY issue DESC LIMIT $1
"""
_STATES = "SELECT state, count(*) FROM newsletter_mail WHERE generation = $1 GROUP BY state"
_SUBSCRIBERS = """
SELECT count(*) FILTER (WHERE refused_at IS NULL), count(*) FILTER (WHERE refused_at IS NOT NULL)
FROM contact WHERE newsletter
"""


@dataclass(frozen=True)
class Unaddressed:
    """An issue whose subscribers are not all in the queue yet: those up to `after` are."""

    issue: int
    day: date
    made_at: datetime
    after: UUID


@dataclass(frozen=True)
class IssueState:
    """An issue as it stands; `slot` is None for one that an operator sent, `states` count its mails."""

    issue: int
    day: date
    slot: datetime | None
    made_at: datetime
    addressed_at: datetime | None
    mails: int
    videos: int
    states: dict[str, int]


async def open_issue(tx: Tx, day: date, slot: datetime | None) -> int | None:
    """The number of a new issue; nothing when another process made the one of that slot."""
    issue: int | None = await tx.sql.fetchval(_OPEN, day, slot)
    return issue


async def latest_slot(sql: Sql) -> datetime | None:
    """The slot that was dealt with last, whether anything was new or not."""
    slot: datetime | None = await sql.fetchval(_LATEST_SLOT)
    return slot


async def lock_unaddressed(tx: Tx) -> Unaddressed | None:
    """The oldest issue that has subscribers left to address, unless another process is at it."""
    row = await tx.sql.fetchrow(_LOCK_UNADDRESSED)
    return None if row is None else Unaddressed(*row)


async def address(tx: Tx, part: Unaddressed, send_before: datetime, limit: int) -> None:
    """Queue the mails of the next `limit` contacts; the issue is whole when there were fewer.

    A person who got a newsletter on that day gets no other.
    """
    await tx.sql.execute(_ADDRESS, part.issue, part.after, limit, part.day, send_before)


async def close_issue(tx: Tx, issue: int) -> None:
    """Nobody is to get it: nothing was new."""
    await tx.sql.execute(_CLOSE, issue)


async def readdress_mail(tx: Tx, account_id: UUID) -> None:
    """Newsletters on their way to the account go to the address that it has now."""
    tx.write(_READDRESS, account_id)


async def withdraw_mail(tx: Tx, account_id: UUID) -> None:
    """Newsletters on their way to the account are not sent."""
    tx.write(_WITHDRAW, account_id)


async def latest(sql: Sql, limit: int) -> list[IssueState]:
    """The latest issues, the newest first."""
    found = []
    for row in await sql.fetch(_STATUS, limit):
        states = {each["state"]: each["count"] for each in await sql.fetch(_STATES, row["issue"])}
        found.append(IssueState(**row, states=states))
    return found


async def count_subscribers(sql: Sql) -> tuple[int, int]:
    """Those who get the newsletter, and those whose address the mail server refused for good."""
    row = await sql.fetchrow(_SUBSCRIBERS)
    return (0, 0) if row is None else (row[0], row[1])
