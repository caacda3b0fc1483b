"""Reading videos and their renditions."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from catalog.domain.paging import Position
from catalog.domain.video import Details, Rendition, Status, Stop, Summary, Video
from newsreel_runtime.sql import Row, Sql

_DETAILS = TypeAdapter(Details)
_SUMMARY = TypeAdapter(Summary)
_JSON = frozenset({"titles", "headlines", "descriptions", "keywords", "people", "restrictions", "shotlist"})
_VIDEO = """
SELECT video_id, version, published_at, reference, titles, headlines, descriptions, genre, keywords,
       recorded_at, duration_ms, spoken_languages, people, location, credit_line, restrictions, shotlist,
       poster_sha256, status, stop_reason, stop_note,
       ARRAY(SELECT language FROM transcript WHERE transcript.video_id = video.video_id ORDER BY language)
           AS transcript_languages
FROM video
"""
_LIST = """
SELECT video_id, reference, titles, headlines, descriptions, genre, recorded_at, published_at, duration_ms,
       spoken_languages, credit_line, restrictions
FROM video
WHERE status = 'usable'
  AND ($1::timestamptz IS NULL OR (published_at, video_id) < ($1, $2::uuid))
  AND ($3::text IS NULL OR $3 = ANY (spoken_languages))
  AND ($4::text IS NULL OR genre = $4)
ORDER BY published_at DESC, video_id DESC
LIMIT $5
"""
_RENDITIONS = """
SELECT rendition_id, name, role, file, size_bytes, sha256, media_type, container, video_codec, audio_codec,
       width, height, frame_rate, bit_rate
FROM rendition WHERE video_id = $1 ORDER BY position
"""
_STANDING = "SELECT reference, status, stop_reason, stop_note FROM video WHERE video_id = $1"


@dataclass(frozen=True)
class Standing:
    """What decides whether anything of a video is shown."""

    reference: str
    status: Status
    stop: Stop | None


async def find_video(sql: Sql, video_id: UUID) -> Video | None:
    """The video, whatever its status."""
    return await _video(sql, f"{_VIDEO} WHERE video_id = $1", video_id)


async def find_by_reference(sql: Sql, reference: str) -> Video | None:
    """The video of that house number, whatever its status."""
    return await _video(sql, f"{_VIDEO} WHERE reference = $1", reference)


async def find_standing(sql: Sql, video_id: UUID) -> Standing | None:
    """The house number and the status of a video."""
    row = await sql.fetchrow(_STANDING, video_id)
    return None if row is None else Standing(row["reference"], row["status"], _stop(row))


async def _video(sql: Sql, query: str, argument: UUID | str) -> Video | None:
    row = await sql.fetchrow(query, argument)
    if row is None:
        return None
    renditions = await sql.fetch(_RENDITIONS, row["video_id"])
    return Video(
        video_id=row["video_id"],
        version=row["version"],
        published_at=row["published_at"],
        details=_DETAILS.validate_python(_parsed(row)),
        renditions=tuple(Rendition(**dict(rendition)) for rendition in renditions),
        poster_sha256=row["poster_sha256"],
        transcript_languages=tuple(row["transcript_languages"]),
        status=row["status"],
        stop=_stop(row),
    )


def _stop(row: Row) -> Stop | None:
    return Stop(row["stop_reason"], json.loads(row["stop_note"])) if row["stop_reason"] else None


async def list_videos(
    sql: Sql,
    after: Position | None,
    language: str | None,
    genre: str | None,
    limit: int,
) -> list[Summary]:
    """At most `limit` videos after a position, newest first; None means all."""
    place = (after.published_at, after.video_id) if after else (None, None)
    rows = await sql.fetch(_LIST, *place, language, genre, limit)
    return [_SUMMARY.validate_python(_parsed(row)) for row in rows]


def _parsed(row: Row) -> dict[str, Any]:
    """The row by the names of its columns, which are the domain's."""
    return {
        name: json.loads(value) if name in _JSON else value
        for name, value in zip(row.keys(), row, strict=True)
    }
