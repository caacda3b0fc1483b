"""All SQL of delivery."""

import json
from datetime import datetime, timedelta
from uuid import UUID

from delivery.domain.grant import Account, Grant, Rendition, Video
from newsreel_runtime.sql import Sql
from newsreel_runtime.transaction import Tx

_RENDITION = """
SELECT rendition_id, video_id, file, media_type, size_bytes, sha256, available
FROM rendition WHERE rendition_id = $1
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
    tx.write("DELETE FROM download_grant WHERE account_id = $1", account_id)
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
        DELETE FROM account WHERE account_id IN (
            SELECT account_id FROM account WHERE status = 'deleted' AND changed_at < now() - $1::interval
            LIMIT $2 FOR UPDATE SKIP LOCKED)
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
            INSERT INTO video AS known (video_id, version, status, poster_sha256) VALUES ($1, $2, $3, $4)
            ON CONFLICT (video_id) DO UPDATE SET
                version = excluded.version, status = excluded.status, poster_sha256 = excluded.poster_sha256
                WHERE excluded.version >= known.version
            RETURNING true
            """,
            video.video_id,
            video.version,
            video.status,
            video.poster_sha256,
        )
    )


async def save_renditions(tx: Tx, video: Video) -> None:
    """Make the video's renditions those of this state; one that is missing in it becomes unavailable."""
    await tx.sql.execute(
        "UPDATE rendition SET available = false WHERE video_id = $1 AND NOT rendition_id = ANY ($2::uuid[])",
        video.video_id,
        [rendition.rendition_id for rendition in video.renditions],
    )
    await tx.sql.execute(
        """
        INSERT INTO rendition (rendition_id, video_id, file, media_type, size_bytes, sha256, available)
        SELECT rendition_id, video_id, file, media_type, size_bytes, sha256, available
        FROM jsonb_populate_recordset(NULL::rendition, $1)
        ON CONFLICT (rendition_id) DO UPDATE SET
            video_id = excluded.video_id, file = excluded.file, media_type = excluded.media_type,
            size_bytes = excluded.size_bytes, sha256 = excluded.sha256, available = excluded.available
        """,
        json.dumps([vars(rendition) for rendition in video.renditions], default=str),
    )


async def find_rendition(sql: Sql, rendition_id: UUID) -> Rendition | None:
    """A rendition, available or not."""
    row = await sql.fetchrow(_RENDITION, rendition_id)
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


async def add_grant(tx: Tx, grant: Grant, at: datetime) -> bool:
    """Write the grant; false, and nothing done, when that account has one for the rendition."""
    return bool(
        await tx.sql.fetchval(
            """
            INSERT INTO download_grant (grant_id, account_id, video_id, rendition_id, granted_at)
            VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (account_id, rendition_id) DO NOTHING
            RETURNING true
            """,
            grant.grant_id,
            grant.account_id,
            grant.video_id,
            grant.rendition_id,
            at,
        )
    )


async def find_live_grant(sql: Sql, account_id: UUID, rendition_id: UUID) -> Grant | None:
    row = await sql.fetchrow(
        """
        SELECT grant_id, account_id, video_id, rendition_id FROM download_grant
        WHERE account_id = $1 AND rendition_id = $2
        """,
        account_id,
        rendition_id,
    )
    return None if row is None else Grant(**row)


async def find_grant(sql: Sql, grant_id: UUID) -> Grant | None:
    row = await sql.fetchrow(
        "SELECT grant_id, account_id, video_id, rendition_id FROM download_grant WHERE grant_id = $1",
        grant_id,
    )
    return None if row is None else Grant(**row)


async def note_redemption(tx: Tx, grant_id: UUID, at: datetime, seconds: int) -> bool:
    """Keep that the grant's ticket was followed; false when that was kept in the `seconds` before."""
    return bool(
        await tx.sql.fetchval(
            """
            UPDATE download_grant SET redeemed_at = $2::timestamptz
            WHERE grant_id = $1 AND coalesce(redeemed_at <= $2::timestamptz - make_interval(secs => $3), true)
            RETURNING true
            """,
            grant_id,
            at,
            seconds,
        )
    )
