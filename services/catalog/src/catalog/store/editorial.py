"""The status of a video, and the record of what was done to it."""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from catalog.domain.editorial import Act, Done, Note
from catalog.domain.video import Status, Text, Video
from newsreel_runtime.sql import Sql
from newsreel_runtime.transaction import Tx

_SAVE_STATUS = """
UPDATE video SET version = $2, status = $3, stop_reason = $4, stop_note = $5, revised_at = $6
WHERE video_id = $1 AND version = $2 - 1
RETURNING true
"""
_LIST = """
SELECT video_id, reference, status, version, published_at, titles FROM video
WHERE $1::text IS NULL OR status = $1 ORDER BY published_at DESC, video_id DESC LIMIT $2
"""
_RECORD = """
INSERT INTO editorial_act (video_id, version, at, editor, done, why) VALUES ($1, $2, $3, $4, $5, $6)
"""
_HISTORY = """
SELECT version, at, editor, done, why FROM editorial_act WHERE video_id = $1 ORDER BY act_id
"""


@dataclass(frozen=True)
class Listed:
    """One line of the editors' list."""

    video_id: UUID
    reference: str
    status: Status
    version: int
    published_at: datetime
    titles: Text


async def list_all(sql: Sql, status: str | None, limit: int) -> list[Listed]:
    """Videos of that status, or of all; the newest first."""
    rows = await sql.fetch(_LIST, status, limit)
    return [Listed(**{**dict(row), "titles": json.loads(row["titles"])}) for row in rows]


async def hold(tx: Tx, video_id: UUID) -> None:
    """Nobody changes the video before the commit."""
    await tx.sql.execute("SELECT FROM video WHERE video_id = $1 FOR NO KEY UPDATE", video_id)


async def save_status(tx: Tx, video: Video, note: Note) -> bool:
    """Write the status of version n over version n - 1; false when another one is there."""
    reason, public = (video.stop.reason, dict(video.stop.note)) if video.stop else (None, None)
    saved = await tx.sql.fetchval(
        _SAVE_STATUS,
        video.video_id,
        video.version,
        video.status,
        reason,
        None if public is None else json.dumps(public, ensure_ascii=False),
        note.at,
    )
    return bool(saved)


def record(tx: Tx, video: Video, done: Done, note: Note) -> None:
    """Keep who did what to the video, when and why."""
    tx.write(_RECORD, video.video_id, video.version, note.at, note.editor, done, note.why)


async def history(sql: Sql, video_id: UUID) -> list[Act]:
    """What was done to the video, oldest first."""
    return [Act(**dict(row)) for row in await sql.fetch(_HISTORY, video_id)]
