"""All SQL of delivery. Writes and reads within a request take its transaction."""

from datetime import datetime
from uuid import UUID

from delivery.domain.grant import Account, Grant, Rendition, Video
from newsreel_runtime.sql import Sql
from newsreel_runtime.transaction import Tx

_RENDITION = """
SELECT rendition_id, video_id, file, media_type, size_bytes, sha256, available
FROM rendition WHERE rendition_id = $1
"""


async def save_account(tx: Tx, account: Account, changed_at: datetime) -> None:
    """Take over an account's state unless a newer one is here.

    The end of its sessions only moves forward, whatever order states arrive in.
    """
    tx.write(
        """
        INSERT INTO account AS known (account_id, status, roles, sessions_valid_after, changed_at)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (account_id) DO UPDATE SET
            status = CASE WHEN excluded.changed_at < known.changed_at
                          THEN known.status ELSE excluded.status END,
            roles = CASE WHEN excluded.changed_at < known.changed_at
                         THEN known.roles ELSE excluded.roles END,
            sessions_valid_after = greatest(excluded.sessions_valid_after, known.sessions_valid_after),
            changed_at = greatest(excluded.changed_at, known.changed_at)
        """,
        account.account_id,
        account.status,
        list(account.roles),
        account.sessions_valid_after,
        changed_at,
    )


async def find_account(tx: Tx, account_id: UUID) -> Account | None:
    """What identity last published about the account."""
    row = await tx.sql.fetchrow(
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
            INSERT INTO video AS known (video_id, version, status) VALUES ($1, $2, $3)
            ON CONFLICT (video_id) DO UPDATE SET version = excluded.version, status = excluded.status
                WHERE excluded.version >= known.version
            RETURNING true
            """,
            video.video_id,
            video.version,
            video.status,
        )
    )


async def save_renditions(tx: Tx, video: Video) -> None:
    """Make the video's renditions those of this state; one that is missing in it becomes unavailable."""
    await tx.sql.execute(
        "UPDATE rendition SET available = false WHERE video_id = $1 AND NOT rendition_id = ANY ($2::uuid[])",
        video.video_id,
        [one.rendition_id for one in video.renditions],
    )
    await tx.sql.executemany(
        """
        INSERT INTO rendition (rendition_id, video_id, file, media_type, size_bytes, sha256, available)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (rendition_id) DO UPDATE SET
            video_id = excluded.video_id, file = excluded.file, media_type = excluded.media_type,
            size_bytes = excluded.size_bytes, sha256 = excluded.sha256, available = excluded.available
        """,
        [
            (
                one.rendition_id,
                one.video_id,
                one.file,
                one.media_type,
                one.size_bytes,
                one.sha256,
                one.available,
            )
            for one in video.renditions
        ],
    )


async def find_rendition(sql: Sql, rendition_id: UUID) -> Rendition | None:
    """A rendition, available or not."""
    row = await sql.fetchrow(_RENDITION, rendition_id)
    return None if row is None else Rendition(**row)


async def is_published(sql: Sql, video_id: UUID) -> bool:
    """Whether the video may be seen."""
    return bool(
        await sql.fetchval("SELECT true FROM video WHERE video_id = $1 AND status = 'usable'", video_id)
    )


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


async def find_live_grant(tx: Tx, account_id: UUID, rendition_id: UUID) -> Grant | None:
    """The account's grant for that rendition."""
    row = await tx.sql.fetchrow(
        """
        SELECT grant_id, account_id, video_id, rendition_id FROM download_grant
        WHERE account_id = $1 AND rendition_id = $2
        """,
        account_id,
        rendition_id,
    )
    return None if row is None else Grant(**row)


async def find_grant(tx: Tx, grant_id: UUID) -> Grant | None:
    """A grant, whoever's it is."""
    row = await tx.sql.fetchrow(
        "SELECT grant_id, account_id, video_id, rendition_id FROM download_grant WHERE grant_id = $1",
        grant_id,
    )
    return None if row is None else Grant(**row)
