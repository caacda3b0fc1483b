"""One page of the list, newest first."""

from dataclasses import dataclass

from catalog import errors
from catalog.domain.paging import BadCursorError, Position
from catalog.domain.video import Genre, Summary
from catalog.store import videos
from newsreel_runtime.sql import Sql


@dataclass(frozen=True)
class Page:
    """Some videos, and where the older ones begin; None at the end."""

    summaries: tuple[Summary, ...]
    next: Position | None


async def list_videos(
    sql: Sql,
    *,
    limit: int,
    cursor: str | None = None,
    language: str | None = None,
    genre: Genre | None = None,
) -> Page:
    """At most `limit` videos that are spoken in `language` and of `genre`, after `cursor`.

    Raises `cursor-refused`.
    """
    try:
        after = Position.of_cursor(cursor) if cursor is not None else None
    except BadCursorError:
        raise errors.cursor_refused() from None
    found = await videos.list_videos(sql, after, language, genre, limit + 1)
    shown = tuple(found[:limit])
    more = len(found) > limit
    return Page(shown, Position(shown[-1].published_at, shown[-1].video_id) if more else None)
