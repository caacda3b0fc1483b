"""A queue of mails: one row per mail ever asked for. Codes and notices have one; newsletters and recalls too.

The SQL is the same for all tables; a queue formats it with the name of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from newsreel_runtime.sql import Row, Sql
from newsreel_runtime.transaction import Tx
from notifier.domain.mail import Change, Kind, Locale, Mail, MailRequest

Table = Literal["mail", "newsletter_mail", "recall_mail"]

_ADD = """
INSERT INTO mail (mail_id, reference_id, kind, generation, kid, locale, address, send_before,
                  next_at, queued_at, traceparent, is_long)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11)
ON CONFLICT ON CONSTRAINT mail_once DO NOTHING
"""
_CLAIM = """
UPDATE {table} AS mail
SET state = 'sending', attempts = mail.attempts + 1, lease_until = now() + $2::interval
FROM (
    SELECT mail_id FROM {table}
    WHERE ended_at IS NULL AND state <> 'sending' AND next_at <= $1
      AND (NOT $4 OR NOT delay_told OR send_before <= $1)
    ORDER BY next_at LIMIT $3
    FOR UPDATE SKIP LOCKED
) AS due
WHERE mail.mail_id = due.mail_id
RETURNING mail.mail_id, reference_id, kind, generation, kid, address, locale, send_before, attempts, failures,
          losses, delay_told, traceparent, is_long
"""
# Leases begin and end by the database's clock: those of the senders may differ.
_RENEW = """
UPDATE {table} AS mail SET lease_until = now() + $3::interval
FROM unnest($1::uuid[], $2::int[]) AS held (mail_id, attempts)
WHERE mail.mail_id = held.mail_id AND mail.attempts = held.attempts AND mail.state = 'sending'
RETURNING mail.mail_id, mail.attempts
"""
_RELEASE_LOST = """
UPDATE {table} AS mail
SET state = 'unknown', losses = losses + 1, lease_until = NULL, next_at = now()
WHERE state = 'sending' AND lease_until <= now()
RETURNING reference_id, kind, generation, losses
"""
_CHANGE = """
UPDATE {table} AS mail
SET state = new.state, next_at = coalesce(new.next_at, mail.next_at), lease_until = NULL,
    failures = failures + new.failed::int, losses = losses + new.lost::int,
    delay_told = delay_told OR new.told,
    ended_at = CASE WHEN new.next_at IS NULL THEN now() END,
    address = CASE WHEN new.next_at IS NULL THEN NULL ELSE address END
FROM unnest($1::uuid[], $2::int[], $3::text[], $4::timestamptz[], $5::bool[], $6::bool[], $7::bool[])
     AS new (mail_id, attempts, state, next_at, failed, lost, told)
WHERE mail.mail_id = new.mail_id AND mail.attempts = new.attempts AND mail.ended_at IS NULL
  AND mail.state IN ('sending', 'unknown')
RETURNING mail.mail_id
"""
_NEXT_DUE = "SELECT min(next_at) FROM {table} WHERE ended_at IS NULL AND state <> 'sending'"
_FORGET = """
DELETE FROM {table} WHERE mail_id IN (
    SELECT mail_id FROM {table} WHERE ended_at < now() - $1::interval ORDER BY ended_at LIMIT $2)
"""


@dataclass(frozen=True)
class LostMail:
    """A mail whose sender died: nobody knows whether it was handed over. `losses` counts this loss too."""

    reference_id: UUID
    kind: Kind
    generation: int
    losses: int


async def add_mail(
    tx: Tx, mail_id: UUID, request: MailRequest, at: datetime, traceparent: str | None
) -> None:
    """Queue a mail, unless its (reference, kind, generation) is known already."""
    tx.write(
        _ADD,
        mail_id,
        request.reference_id,
        request.kind,
        request.generation,
        request.kid,
        request.locale,
        request.address,
        request.send_before,
        at,
        traceparent,
        request.is_long,
    )


class MailQueue:
    """The queue in `table`, whose columns are those of `mail`."""

    def __init__(self, table: Table) -> None:
        self._claim = _CLAIM.format(table=table)
        self._renew = _RENEW.format(table=table)
        self._release_lost = _RELEASE_LOST.format(table=table)
        self._change = _CHANGE.format(table=table)
        self._next_due = _NEXT_DUE.format(table=table)
        self._forget = _FORGET.format(table=table)

    async def claim(self, tx: Tx, at: datetime, lease: timedelta, limit: int, *, away: bool) -> list[Mail]:
        """Mark up to `limit` due mails as being sent by the caller; other senders' rows are passed over.

        With the mail server `away`, only mails whose delay nobody was told yet, and those whose time is over.
        """
        rows = await tx.sql.fetch(self._claim, at, lease, limit, away)
        return [_mail(row) for row in rows]

    async def renew_leases(self, tx: Tx, mails: Sequence[Mail], lease: timedelta) -> set[tuple[UUID, int]]:
        """The (mail id, attempts) that were still the caller's; their leases begin again."""
        rows = await tx.sql.fetch(
            self._renew, [mail.mail_id for mail in mails], [mail.attempts for mail in mails], lease
        )
        return {(UUID(int=row["mail_id"].int), row["attempts"]) for row in rows}

    async def release_lost(self, tx: Tx) -> list[LostMail]:
        """Make mails whose lease has run out `unknown`, and due."""
        rows = await tx.sql.fetch(self._release_lost)
        return [LostMail(row["reference_id"], row["kind"], row["generation"], row["losses"]) for row in rows]

    async def save_changes(self, tx: Tx, changes: Sequence[tuple[Mail, Change]]) -> set[UUID]:
        """Write outcomes in one statement. Returns the mails that were still the caller's to change."""
        rows = await tx.sql.fetch(
            self._change,
            [mail.mail_id for mail, _ in changes],
            [mail.attempts for mail, _ in changes],
            [change.state for _, change in changes],
            [change.next_at for _, change in changes],
            [change.failed for _, change in changes],
            [change.lost for _, change in changes],
            [change.event == "delayed" for _, change in changes],
        )
        return {UUID(int=row["mail_id"].int) for row in rows}

    async def next_due(self, sql: Sql) -> datetime | None:
        """When the next waiting mail is due; nothing when none waits."""
        due: datetime | None = await sql.fetchval(self._next_due)
        return due

    async def forget(self, tx: Tx, kept: timedelta, limit: int) -> int:
        """Delete up to `limit` mails that ended longer than `kept` ago; returns how many."""
        status: str = await tx.sql.execute(self._forget, kept, limit)
        return int(status.rpartition(" ")[2])


def _mail(row: Row) -> Mail:
    kind: Kind = row["kind"]
    locale: Locale = row["locale"]
    return Mail(
        mail_id=row["mail_id"],
        reference_id=row["reference_id"],
        kind=kind,
        generation=row["generation"],
        kid=row["kid"],
        address=row["address"],
        locale=locale,
        send_before=row["send_before"],
        attempts=row["attempts"],
        failures=row["failures"],
        losses=row["losses"],
        delay_told=row["delay_told"],
        traceparent=row["traceparent"],
        is_long=row["is_long"],
    )


CODES = MailQueue("mail")
NEWSLETTERS = MailQueue("newsletter_mail")
RECALLS = MailQueue("recall_mail")
