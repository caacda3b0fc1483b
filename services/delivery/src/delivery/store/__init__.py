"""All SQL of delivery."""

import json
from datetime import datetime, timedelta
from uuid import UUID

from delivery.domain.download import Download
from delivery.domain.grant import Account, Grant, Rendition, Video
from newsreel_runtime.sql import Row, Sql
from newsreel_runtime.transaction import Tx

_RENDITION = """
SELECT rendition_id, video_id, file, media_type, size_bytes, sha256, available
FROM rendition WHERE rendition_id = $1
"""
_GRANT = """
SELECT grant_id, account_id, video_id, rendition_id, false AS is_revoked
FROM download_grant WHERE grant_id = $1
UNION ALL
SELECT grant_id, account_id, video_id, rendition_id, true FROM revoked_grant WHERE grant_id = $1
"""
# The ids are in the order of the grants' making (RFC 9562 §5.7): they are the key of the pages.
_DOWNLOADS = """
WITH granted AS (
    SELECT grant_id, video_id, rendition_id, granted_at, redeemed_at, video_version,
           NULL::timestamptz AS revoked_at
    FROM download_grant WHERE account_id = $1 AND ($2::uuid IS NULL OR grant_id < $2)
    UNION ALL
    SELECT grant_id, video_id, rendition_id, granted_at, redeemed_at, video_version, revoked_at
    FROM revoked_grant WHERE account_id = $1 AND ($2::uuid IS NULL OR grant_id < $2)
    ORDER BY grant_id DESC LIMIT $3
)
SELECT granted.*, version AS newest_version, status AS video_status, titles, file, media_type, size_bytes,
       sha256, available
FROM granted LEFT JOIN video USING (video_id) LEFT JOIN rendition USING (rendition_id)
ORDER BY grant_id DESC
"""


def save_account(tx: Tx, account: Account) -> None:
    """Take over an account's state. The end of its sessions only moves forward."""
    tx.write(
        """
        INSERT INTO account AS known (account_id, status, roles, sessions_valid_after)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (account_id) DO UPDATE SET
            status = excluded.status,
            roles = excluded.roles,
            changed_at = now(),
            sessions_valid_after = greatest(excluded.sessions_valid_after, known.sessions_valid_after)
        """,
        account.account_id,
        account.status,
        list(account.roles),
        account.sessions_valid_after,
    )


def erase_account(tx: Tx, account_id: UUID) -> None:
    """Forget what it was granted; that it is gone is kept for as long as a token of it may live."""
    tx.write(
        """
        DELETE FROM download_refusal WHERE grant_id IN (
            SELECT grant_id FROM download_grant WHERE account_id = $1
            UNION ALL SELECT grant_id FROM revoked_grant WHERE account_id = $1)
        """,
        account_id,
    )
    tx.write(
        """
        DELETE FROM bearer_ticket WHERE grant_id IN (
            SELECT grant_id FROM download_grant WHERE account_id = $1
            UNION ALL SELECT grant_id FROM revoked_grant WHERE account_id = $1)
        """,
        account_id,
    )
    tx.write("DELETE FROM download_grant WHERE account_id = $1", account_id)
    tx.write("DELETE FROM revoked_grant WHERE account_id = $1", account_id)
    tx.write(
        """
        INSERT INTO account (account_id, status, roles, sessions_valid_after)
        VALUES ($1, 'deleted', '{}', now())
        ON CONFLICT (account_id) DO UPDATE
        SET status = 'deleted', roles = '{}', sessions_valid_after = now(), changed_at = now()
        """,
        account_id,
    )


async def forget_accounts(tx: Tx, kept: timedelta, limit: int) -> int:
    """Delete up to `limit` accounts that are gone for longer than `kept`; returns how many."""
    status: str = await tx.sql.execute(
        """
        WITH gone AS (
            SELECT account_id FROM account WHERE status = 'deleted' AND changed_at < now() - $1::interval
            LIMIT $2 FOR UPDATE SKIP LOCKED),
        -- a request or a recall that was under way when the account was erased may have come behind it
        named AS (DELETE FROM audit_pseudonym USING gone WHERE audit_pseudonym.account_id = gone.account_id),
        taken AS (DELETE FROM recall_taker USING gone WHERE recall_taker.account_id = gone.account_id),
        told AS (DELETE FROM recall_notice USING gone WHERE recall_notice.account_id = gone.account_id)
        DELETE FROM account USING gone WHERE account.account_id = gone.account_id
        """,
        kept,
        limit,
    )
    return int(status.rpartition(" ")[2])


def erase_video(tx: Tx, video_id: UUID) -> None:
    tx.write("DELETE FROM rendition WHERE video_id = $1", video_id)
    tx.write("DELETE FROM video WHERE video_id = $1", video_id)


async def find_account(sql: Sql, account_id: UUID) -> Account | None:
    """What identity last published about the account."""
    row = await sql.fetchrow(
        "SELECT account_id, status, roles, sessions_valid_after FROM account WHERE account_id = $1",
        account_id,
    )
    if row is None:
        return None
    return Account(row["account_id"], row["status"], tuple(row["roles"]), row["sessions_valid_after"])


async def save_video(tx: Tx, video: Video) -> bool:
    """Take over a video's state; false, and nothing done, when a newer version is here."""
    return bool(
        await tx.sql.fetchval(
            """
            INSERT INTO video AS known (video_id, version, status, poster_sha256, titles)
            VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (video_id) DO UPDATE SET
                version = excluded.version, status = excluded.status, poster_sha256 = excluded.poster_sha256,
                titles = excluded.titles
                WHERE excluded.version >= known.version
            RETURNING true
            """,
            video.video_id,
            video.version,
            video.status,
            video.poster_sha256,
            json.dumps(dict(video.titles)),
        )
    )


async def save_renditions(tx: Tx, video: Video) -> None:
    """Make the video's renditions those of this state; one that is missing in it becomes unavailable.

    `listed` is what the last usable state named: another one changes of a file only that it is not given.
    """
    is_usable = video.status == "usable"
    await tx.sql.execute(
        """
        UPDATE rendition SET available = false, listed = NOT $3 AND coalesce(listed, available)
        WHERE video_id = $1 AND NOT rendition_id = ANY ($2::uuid[])
        """,
        video.video_id,
        [rendition.rendition_id for rendition in video.renditions if is_usable],
        is_usable,
    )
    await tx.sql.execute(
        """
        INSERT INTO rendition
            (rendition_id, video_id, file, media_type, size_bytes, sha256, available, listed)
        SELECT rendition_id, video_id, file, media_type, size_bytes, sha256, available, available
        FROM jsonb_populate_recordset(NULL::rendition, $1)
        ON CONFLICT (rendition_id) DO UPDATE SET
            video_id = excluded.video_id, file = excluded.file, media_type = excluded.media_type,
            size_bytes = excluded.size_bytes, sha256 = excluded.sha256, available = excluded.available,
            listed = excluded.listed
            WHERE excluded.available
        """,
        json.dumps([vars(rendition) for rendition in video.renditions], default=str),
    )


async def find_video_status(sql: Sql, video_id: UUID) -> str | None:
    """The status that the catalogue published last; None of a video that is not known here, or erased."""
    status: str | None = await sql.fetchval("SELECT status FROM video WHERE video_id = $1", video_id)
    return status


async def find_rendition(sql: Sql, rendition_id: UUID) -> Rendition | None:
    """A rendition, available or not."""
    row = await sql.fetchrow(_RENDITION, rendition_id)
    return None if row is None else Rendition(**row)


async def hold_rendition(tx: Tx, rendition_id: UUID) -> Rendition | None:
    """As `find_rendition`; it is not taken back before this transaction has ended."""
    row = await tx.sql.fetchrow(f"{_RENDITION} FOR SHARE", rendition_id)
    return None if row is None else Rendition(**row)


async def find_poster(sql: Sql, video_id: UUID) -> tuple[str, str | None] | None:
    """The name of a published video's poster in the folder of posters, and its SHA-256 where it is known."""
    row = await sql.fetchrow(
        """
        SELECT coalesce(video_id || '/' || poster_sha256, video_id::text) || '.jpg' AS file, poster_sha256
        FROM video WHERE video_id = $1 AND status = 'usable'
        """,
        video_id,
    )
    return None if row is None else (row["file"], row["poster_sha256"])


async def save_grant(tx: Tx, grant: Grant, at: datetime) -> UUID:
    """Write the grant, unless that account has one for the rendition; returns the id of the one there is."""
    granted: UUID = await tx.sql.fetchval(
        """
        INSERT INTO download_grant (grant_id, account_id, video_id, rendition_id, granted_at, video_version)
        VALUES ($1, $2, $3, $4, $5, (SELECT version FROM video WHERE video_id = $3))
        ON CONFLICT (account_id, rendition_id) DO UPDATE SET account_id = excluded.account_id
        RETURNING grant_id
        """,
        grant.grant_id,
        grant.account_id,
        grant.video_id,
        grant.rendition_id,
        at,
    )
    return granted


async def find_grant(sql: Sql, grant_id: UUID) -> Grant | None:
    """A grant, revoked or not."""
    row = await sql.fetchrow(_GRANT, grant_id)
    return None if row is None else Grant(**row)


async def revoke_grant(tx: Tx, grant_id: UUID, at: datetime) -> bool:
    """Take the grant back; false, and nothing done, when that was done before."""
    return bool(
        await tx.sql.fetchval(
            """
            WITH gone AS (
                DELETE FROM download_grant WHERE grant_id = $1
                RETURNING grant_id, account_id, video_id, rendition_id, granted_at, redeemed_at, video_version
            )
            INSERT INTO revoked_grant (grant_id, account_id, video_id, rendition_id, granted_at, redeemed_at,
                                       video_version, revoked_at)
            SELECT gone.*, $2 FROM gone
            RETURNING true
            """,
            grant_id,
            at,
        )
    )


async def list_downloads(sql: Sql, account_id: UUID, after: UUID | None, limit: int) -> list[Download]:
    """At most `limit` grants of the account, newest first, that were made before the one named `after`."""
    return [_download(row) for row in await sql.fetch(_DOWNLOADS, account_id, after, limit)]


def _download(row: Row) -> Download:
    granted = ("grant_id", "video_id", "granted_at", "redeemed_at", "revoked_at", "video_version")
    file = ("rendition_id", "video_id", "file", "media_type", "size_bytes", "sha256", "available")
    return Download(
        **{name: row[name] for name in granted},
        newest_version=row["newest_version"],
        video_status=row["video_status"],
        titles=json.loads(row["titles"] or "{}"),
        rendition=None if row["file"] is None else Rendition(**{name: row[name] for name in file}),
    )


async def note_redemption(tx: Tx, grant_id: UUID, at: datetime, seconds: int) -> bool:
    """Keep that the grant's ticket was followed, and to which version of the video.

    False when that was kept for the version in the `seconds` before.
    """
    return bool(
        await tx.sql.fetchval(
            """
            UPDATE download_grant SET redeemed_at = $2::timestamptz, video_version = video.version
            FROM video
            WHERE grant_id = $1 AND video.video_id = download_grant.video_id
              AND (coalesce(redeemed_at <= $2::timestamptz - make_interval(secs => $3), true)
                   OR video_version IS DISTINCT FROM video.version)
            RETURNING true
            """,
            grant_id,
            at,
            seconds,
        )
    )


async def note_refusal(tx: Tx, grant_id: UUID, reason: str, at: datetime, pause: timedelta) -> bool:
    """Keep that the grant gave nothing for the reason; false when that was kept in the `pause` before."""
    return bool(
        await tx.sql.fetchval(
            """
            INSERT INTO download_refusal AS known (grant_id, reason, refused_at) VALUES ($1, $2, $3)
            ON CONFLICT (grant_id, reason) DO UPDATE SET refused_at = excluded.refused_at
                WHERE known.refused_at <= excluded.refused_at - $4::interval
            RETURNING true
            """,
            grant_id,
            reason,
            at,
            pause,
        )
    )
