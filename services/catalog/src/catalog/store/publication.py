"""Writing a video and its renditions: version after version, never backwards."""

import json
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from catalog.domain.video import Video
from newsreel_runtime.transaction import Tx

# The columns are named as the domain's fields, so that a row is a JSON object.
_SAVE_VIDEO = """
INSERT INTO video AS known
      (video_id, version, reference, published_at, revised_at, titles, headlines, descriptions, genre,
       keywords, recorded_at, duration_ms, spoken_languages, people, location, credit_line, restrictions,
       shotlist, poster_sha256)
SELECT video_id, version, reference, published_at, revised_at, titles, headlines, descriptions, genre,
       keywords, recorded_at, duration_ms, spoken_languages, people, location, credit_line, restrictions,
       shotlist, poster_sha256
FROM jsonb_populate_record(NULL::video, $1)
ON CONFLICT (reference) DO UPDATE SET
    version = excluded.version, revised_at = excluded.revised_at, titles = excluded.titles,
    headlines = excluded.headlines, descriptions = excluded.descriptions, genre = excluded.genre,
    keywords = excluded.keywords, recorded_at = excluded.recorded_at,
    duration_ms = excluded.duration_ms, spoken_languages = excluded.spoken_languages,
    people = excluded.people, location = excluded.location, credit_line = excluded.credit_line,
    restrictions = excluded.restrictions, shotlist = excluded.shotlist,
    poster_sha256 = excluded.poster_sha256
WHERE known.video_id = excluded.video_id AND known.version = excluded.version - 1
RETURNING true
"""
_ADD_RENDITIONS = """
INSERT INTO rendition
      (rendition_id, video_id, position, name, role, file, media_type, container, video_codec, audio_codec,
       width, height, frame_rate, bit_rate, size_bytes, sha256)
SELECT rendition_id, video_id, position, name, role, file, media_type, container, video_codec, audio_codec,
       width, height, frame_rate, bit_rate, size_bytes, sha256
FROM jsonb_populate_recordset(NULL::rendition, $1)
"""


async def save_video(tx: Tx, video: Video, at: datetime) -> bool:
    """Write version n over version n - 1, or a first version where there is none; false otherwise."""
    row = {**asdict(video.details), **vars(video), "revised_at": at}
    return bool(await tx.sql.fetchval(_SAVE_VIDEO, json.dumps(row, ensure_ascii=False, default=str)))


async def lock_next(tx: Tx, after: UUID, limit: int) -> list[UUID]:
    """The next video ids. No import changes these videos, or their transcripts, before the commit."""
    rows = await tx.sql.fetch(
        "SELECT video_id FROM video WHERE video_id > $1 ORDER BY video_id LIMIT $2 FOR NO KEY UPDATE",
        after,
        limit,
    )
    return [row["video_id"] for row in rows]


async def save_renditions(tx: Tx, video: Video) -> None:
    """Make the video's renditions those of this state, in this order."""
    await tx.sql.execute("DELETE FROM rendition WHERE video_id = $1", video.video_id)
    rows = [
        asdict(rendition) | {"video_id": video.video_id, "position": position}
        for position, rendition in enumerate(video.renditions, 1)
    ]
    await tx.sql.execute(_ADD_RENDITIONS, json.dumps(rows, default=str))
