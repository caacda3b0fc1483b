"""Reading videos and their renditions."""

import json
from uuid import UUID

import asyncpg

from catalog.domain.paging import Position
from catalog.domain.video import (
    Details,
    Media,
    Person,
    Rendition,
    Shot,
    StoredFile,
    Summary,
    Video,
)
from newsreel_runtime.sql import Sql

_VIDEO = """
SELECT video_id, version, published_at, reference, titles, headlines, descriptions, genre, keywords,
       recorded_at, duration_ms, spoken_languages, people, location, credit_line, restrictions, shotlist,
       poster_sha256,
       ARRAY(SELECT language FROM transcript WHERE transcript.video_id = video.video_id ORDER BY language)
           AS transcript_languages
FROM video
"""
_LIST = """
SELECT video_id, reference, titles, headlines, genre, recorded_at, published_at, duration_ms, spoken_languages
FROM video
WHERE ($1::timestamptz IS NULL OR (published_at, video_id) < ($1, $2::uuid))
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


async def find_video(sql: Sql, video_id: UUID) -> Video | None:
    """The published video of that id."""
    return await _video(sql, f"{_VIDEO} WHERE video_id = $1", video_id)


async def find_by_reference(sql: Sql, reference: str) -> Video | None:
    """The published video of that house number."""
    return await _video(sql, f"{_VIDEO} WHERE reference = $1", reference)


async def _video(sql: Sql, query: str, argument: UUID | str) -> Video | None:
    row = await sql.fetchrow(query, argument)
    if row is None:
        return None
    renditions = await sql.fetch(_RENDITIONS, row["video_id"])
    return Video(
        video_id=row["video_id"],
        version=row["version"],
        published_at=row["published_at"],
        details=_details(row),
        renditions=tuple(map(_rendition, renditions)),
        poster_sha256=row["poster_sha256"],
        transcript_languages=tuple(row["transcript_languages"]),
    )


def _details(row: asyncpg.Record) -> Details:
    keywords = json.loads(row["keywords"])
    return Details(
        reference=row["reference"],
        titles=json.loads(row["titles"]),
        headlines=json.loads(row["headlines"]),
        descriptions=json.loads(row["descriptions"]),
        genre=row["genre"],
        keywords={language: tuple(words) for language, words in keywords.items()},
        recorded_at=row["recorded_at"],
        duration_ms=row["duration_ms"],
        spoken_languages=tuple(row["spoken_languages"]),
        people=tuple(Person(**person) for person in json.loads(row["people"])),
        location=row["location"],
        credit_line=row["credit_line"],
        restrictions=json.loads(row["restrictions"]),
        shotlist=tuple(Shot(**shot) for shot in json.loads(row["shotlist"])),
    )


def _rendition(row: asyncpg.Record) -> Rendition:
    values = dict(row)
    stored = StoredFile(values.pop("file"), values.pop("size_bytes"), values.pop("sha256"))
    return Rendition(values.pop("rendition_id"), Media(stored=stored, **values))


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
    return [
        Summary(
            video_id=row["video_id"],
            reference=row["reference"],
            titles=json.loads(row["titles"]),
            headlines=json.loads(row["headlines"]),
            genre=row["genre"],
            recorded_at=row["recorded_at"],
            published_at=row["published_at"],
            duration_ms=row["duration_ms"],
            spoken_languages=tuple(row["spoken_languages"]),
        )
        for row in rows
    ]
