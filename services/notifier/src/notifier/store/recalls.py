"""Recalls, and the mails to those who took what is recalled."""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from newsreel_runtime.sql import Sql
from newsreel_runtime.transaction import Tx
from notifier.domain.mail import Locale
from notifier.domain.recall import RecalledVideo

_SAVE = """
INSERT INTO recall (recall_id, video_id, kind, reference, titles, note) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (recall_id) DO NOTHING
"""
# Locked: who is erased, or moves, meanwhile waits for the mail, and then withdraws or readdresses it.
_REACHABLE = """
SELECT address, locale FROM contact WHERE account_id = $1 AND refused_at IS NULL FOR SHARE
"""
_ADD = """
INSERT INTO recall_mail (mail_id, reference_id, kind, generation, recall_id, account_id, locale, address,
                         send_before, next_at, queued_at, traceparent)
VALUES ($1, $2, 'recall', 1, $3, $4, $5, $6, $7, $8, $8, $9)
ON CONFLICT ON CONSTRAINT recall_mail_once DO NOTHING
"""
_OF_MAIL = """
SELECT recall.recall_id, recall.video_id, recall.kind, recall.reference, recall.titles, recall.note
FROM recall_mail JOIN recall USING (recall_id) WHERE mail_id = $1
"""
_READDRESS = """
UPDATE recall_mail AS mail SET address = contact.address FROM contact
WHERE mail.account_id = $1 AND contact.account_id = $1 AND mail.address <> contact.address
  AND mail.ended_at IS NULL
"""
_WITHDRAW = """
UPDATE recall_mail SET state = 'withdrawn', ended_at = now(), address = NULL, lease_until = NULL
WHERE account_id = $1 AND ended_at IS NULL
"""
_REFUSED = """
UPDATE contact SET refused_at = now() FROM recall_mail
WHERE mail_id = $1 AND contact.account_id = recall_mail.account_id AND contact.address = $2
"""


@dataclass(frozen=True)
class RecallMailRequest:
    """A person is to be told of a recall."""

    mail_id: UUID
    notice_id: UUID
    recall_id: UUID
    account_id: UUID
    send_before: datetime


def save_recall(tx: Tx, recalled: RecalledVideo) -> None:
    """Keep what the mails say; the first event of a recall does."""
    texts = (json.dumps(dict(text), ensure_ascii=False) for text in (recalled.titles, recalled.note))
    tx.write(_SAVE, recalled.recall_id, recalled.video_id, recalled.kind, recalled.reference, *texts)


async def find_reachable(tx: Tx, account_id: UUID) -> tuple[str, Locale] | None:
    """Address and language of the account; None: there is no address, or it was refused for good."""
    row = await tx.sql.fetchrow(_REACHABLE, account_id)
    return None if row is None else (row["address"], row["locale"])


def add_mail(
    tx: Tx, asked: RecallMailRequest, address: str, locale: Locale, *, at: datetime, traceparent: str | None
) -> None:
    """Queue the mail, unless that notice has one."""
    ids = (asked.mail_id, asked.notice_id, asked.recall_id, asked.account_id)
    tx.write(_ADD, *ids, locale, address, asked.send_before, at, traceparent)


async def of_mail(sql: Sql, mail_id: UUID) -> RecalledVideo:
    """What the mail says."""
    row = await sql.fetchrow(_OF_MAIL, mail_id)
    if row is None:
        raise LookupError("a mail of no recall")
    known = {**row, "titles": json.loads(row["titles"]), "note": json.loads(row["note"])}
    return RecalledVideo(**known)


def readdress_mail(tx: Tx, account_id: UUID) -> None:
    """Mails on their way to the account go to the address that it has now."""
    tx.write(_READDRESS, account_id)


def withdraw_mail(tx: Tx, account_id: UUID) -> None:
    """Mails on their way to the account are not sent."""
    tx.write(_WITHDRAW, account_id)


def address_refused(tx: Tx, mail_id: UUID, address: str) -> None:
    """The mail server refused that address for good: it gets neither recall nor newsletter any more."""
    tx.write(_REFUSED, mail_id, address)
