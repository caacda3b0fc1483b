"""What may stand in the newsletter: published videos, copied from the bus."""

import json
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from newsreel_events.catalog import VideoStateV1
from newsreel_runtime.sql import Row, Sql
from newsreel_runtime.transaction import Tx
from notifier.domain.news import NewsItem

_SAVE = """
INSERT INTO news (video_id, version, titles, headlines, published_at, is_usable)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (video_id) DO UPDATE
SET version = excluded.version, titles = excluded.titles, headlines = excluded.headlines,
    published_at = excluded.published_at, is_usable = excluded.is_usable
WHERE news.version <= excluded.version
"""
_ERASE = "DELETE FROM news WHERE video_id = $1"
_WAITING = """
SELECT video_id, titles, headlines, published_at FROM news
WHERE issue IS NULL AND is_usable AND published_at > $1 ORDER BY published_at DESC, video_id
"""
_OF_ISSUE = """
SELECT video_id, titles, headlines, published_at FROM news
WHERE issue = $1 AND is_usable ORDER BY published_at DESC, video_id
"""
_TAKE = "UPDATE news SET issue = $1 WHERE issue IS NULL AND is_usable AND published_at > $2"


async def save_video(tx: Tx, video: VideoStateV1) -> None:
    """The video as it is now; an older version changes nothing."""
    tx.write(
        _SAVE,
        video.video_id,
        video.version,
        json.dumps(video.titles, ensure_ascii=False),
        json.dumps(video.headlines, ensure_ascii=False),
        video.published_at,
        video.status == "usable",
    )


async def erase_video(tx: Tx, video_id: UUID) -> None:
    tx.write(_ERASE, video_id)


async def waiting(sql: Sql, newer_than: datetime) -> list[NewsItem]:
    """What no issue had yet, the newest first."""
    return _items(await sql.fetch(_WAITING, newer_than))


async def of_issue(sql: Sql, issue: int) -> list[NewsItem]:
    """What stands in the issue and may still be taken, the newest first."""
    return _items(await sql.fetch(_OF_ISSUE, issue))


async def take_waiting(tx: Tx, issue: int, newer_than: datetime) -> int:
    """Put what waits into the issue; returns how many videos that are."""
    status: str = await tx.sql.execute(_TAKE, issue, newer_than)
    return int(status.rpartition(" ")[2])


def _items(rows: Sequence[Row]) -> list[NewsItem]:
    return [
        NewsItem(
            row["video_id"], json.loads(row["titles"]), json.loads(row["headlines"]), row["published_at"]
        )
        for row in rows
    ]
