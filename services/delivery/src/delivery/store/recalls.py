"""The tables of recalls: which files, who took them, who was told, and what became of the mail."""

import json
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

from delivery.domain.grant import Rendition
from delivery.domain.recall import Notice, Recall, Taken, Withdrawal
from newsreel_runtime.sql import Row, Sql
from newsreel_runtime.transaction import Tx

_KNOWN = """
SELECT rendition_id, video_id, file, media_type, size_bytes, sha256, available,
       coalesce(listed, available) AS listed
FROM rendition WHERE video_id = $1
"""
_SAVE = """
INSERT INTO recall (recall_id, video_id, version, kind, reference, titles, reason, note, made_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING true
"""
_RENDITION = "INSERT INTO recalled_rendition (recall_id, rendition_id, file) VALUES ($1, $2, $3)"
_OLDEST = "SELECT extract(epoch FROM now() - min(made_at))::float8 FROM recall WHERE noticed_at IS NULL"
_LOCK_UNFINISHED = """
SELECT recall_id, video_id, version, kind, reference, titles, reason, note, made_at,
       collected_at IS NOT NULL AS is_collected, collected_after, noticed_after
FROM recall WHERE noticed_at IS NULL ORDER BY made_at, recall_id LIMIT 1 FOR UPDATE SKIP LOCKED
"""
# A grant is in one of the two tables in each snapshot. None comes behind: the files are not given any more.
_COLLECT = """
WITH next AS (
    SELECT grant_id, account_id, rendition_id, redeemed_at, video_version FROM (
        SELECT grant_id, account_id, rendition_id, redeemed_at, video_version
        FROM download_grant WHERE grant_id > $2
        UNION ALL
        SELECT grant_id, account_id, rendition_id, redeemed_at, video_version
        FROM revoked_grant WHERE grant_id > $2) AS every
    ORDER BY grant_id LIMIT $3),
added AS (
    INSERT INTO recall_taker (recall_id, account_id, rendition_id, grant_id, redeemed_at, version)
    SELECT $1, account_id, rendition_id, grant_id, redeemed_at, video_version FROM next
    WHERE redeemed_at IS NOT NULL
      AND rendition_id IN (SELECT rendition_id FROM recalled_rendition WHERE recall_id = $1)
    ORDER BY grant_id
    ON CONFLICT (recall_id, account_id, rendition_id) DO NOTHING)
UPDATE recall SET
    collected_after = coalesce((SELECT grant_id FROM next ORDER BY grant_id DESC LIMIT 1), collected_after),
    collected_at = CASE WHEN (SELECT count(*) FROM next) < $3 THEN now() END
WHERE recall_id = $1
"""
_NEXT_ACCOUNTS = """
SELECT DISTINCT account_id FROM recall_taker WHERE recall_id = $1 AND account_id > $2
ORDER BY account_id LIMIT $3
"""
# Locked: an erasure waits, and takes the notice too; one that came first left no row.
_TAKEN = """
SELECT account_id, status, rendition_id, grant_id FROM recall_taker LEFT JOIN account USING (account_id)
WHERE recall_id = $1 AND account_id = ANY ($2::uuid[]) ORDER BY account_id, rendition_id
FOR UPDATE OF recall_taker
"""
_NOTICE = """
INSERT INTO recall_notice (notice_id, recall_id, account_id, state, changed_at) VALUES ($1, $2, $3, $4, $5)
"""
_NOTICED = """
UPDATE recall SET noticed_after = $2, noticed_at = CASE WHEN $3 THEN now() END WHERE recall_id = $1
"""
_OUTCOME = "UPDATE recall_notice SET state = $2, changed_at = $3 WHERE notice_id = $1"


async def known_renditions(sql: Sql, video_id: UUID) -> tuple[list[Rendition], set[UUID]]:
    """All files of the video that were ever known, and which of them its last usable state named."""
    rows = await sql.fetch(_KNOWN, video_id)
    names = ("rendition_id", "video_id", "file", "media_type", "size_bytes", "sha256", "available")
    known = [Rendition(**{name: row[name] for name in names}) for row in rows]
    return known, {row["rendition_id"] for row in rows if row["listed"]}


async def save_recall(tx: Tx, recall: Recall, renditions: Sequence[Rendition]) -> bool:
    """Begin the recall; false, and nothing done, when that version began it, or the video is withdrawn."""
    made = await tx.sql.fetchval(
        _SAVE,
        recall.recall_id,
        recall.video_id,
        recall.version,
        recall.kind,
        recall.reference,
        json.dumps(dict(recall.titles)),
        recall.withdrawal.reason,
        json.dumps(dict(recall.withdrawal.note)),
        recall.made_at,
    )
    if made:
        for rendition in renditions:
            tx.write(_RENDITION, recall.recall_id, rendition.rendition_id, rendition.file)
    return bool(made)


async def oldest_age(sql: Sql) -> float | None:
    """How many seconds ago the oldest recall began that is not through; None when all are."""
    age: float | None = await sql.fetchval(_OLDEST)
    return age


async def lock_unfinished(tx: Tx) -> tuple[Recall, bool, UUID] | None:
    """The oldest recall that is not through, whether its takers are all known, and behind whom to go on.

    None: there is none, or another process is at it.
    """
    row = await tx.sql.fetchrow(_LOCK_UNFINISHED)
    if row is None:
        return None
    after = row["noticed_after"] if row["is_collected"] else row["collected_after"]
    return _recall(row), row["is_collected"], after


async def collect(tx: Tx, recall_id: UUID, after: UUID, limit: int) -> None:
    """Keep who took the files by the next `limit` grants; all are known when there were fewer."""
    await tx.sql.execute(_COLLECT, recall_id, after, limit)


async def next_accounts(tx: Tx, recall_id: UUID, after: UUID, limit: int) -> list[UUID]:
    """Who comes next, at most `limit`."""
    return [row["account_id"] for row in await tx.sql.fetch(_NEXT_ACCOUNTS, recall_id, after, limit)]


async def lock_takers(tx: Tx, recall_id: UUID, accounts: Sequence[UUID]) -> list[Taken]:
    """What these accounts took, but for those that were erased meanwhile."""
    rows = await tx.sql.fetch(_TAKEN, recall_id, accounts)
    return [
        Taken(account_id, found[0]["status"], tuple((row["rendition_id"], row["grant_id"]) for row in found))
        for account_id, found in (
            (key, list(group)) for key, group in groupby(rows, key=lambda row: row["account_id"])
        )
    ]


def save_notice(tx: Tx, notice: Notice) -> None:
    """Keep that the account was told, or why it was not."""
    tx.write(_NOTICE, *vars(notice).values())


def noticed(tx: Tx, recall_id: UUID, last: UUID, *, is_last: bool) -> None:
    """The accounts up to `last` were told."""
    tx.write(_NOTICED, recall_id, last, is_last)


def note_outcome(tx: Tx, notice_id: UUID, state: str, at: datetime) -> None:
    """What became of the mail."""
    tx.write(_OUTCOME, notice_id, state, at)


def forget(tx: Tx, account_id: UUID) -> None:
    """The account is erased: that it took something goes with it."""
    tx.write("DELETE FROM recall_taker WHERE account_id = $1", account_id)
    tx.write("DELETE FROM recall_notice WHERE account_id = $1", account_id)


def _recall(row: Row) -> Recall:
    return Recall(
        recall_id=row["recall_id"],
        video_id=row["video_id"],
        version=row["version"],
        kind=row["kind"],
        reference=row["reference"],
        titles=json.loads(row["titles"]),
        withdrawal=Withdrawal(row["reason"], json.loads(row["note"])),
        made_at=row["made_at"],
    )
