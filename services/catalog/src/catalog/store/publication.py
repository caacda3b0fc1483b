"""Writing a video and its renditions: version after version, never backwards."""

import json
from dataclasses import asdict
from datetime import datetime

from catalog.domain.video import Rendition, Video
from newsreel_runtime.transaction import Tx

_SAVE_VIDEO = """
INSERT INTO video AS known
    (video_id, version, reference, published_at, revised_at, titles, headlines, descriptions,
     genre, keywords, recorded_at, duration_ms, spoken_languages, people, location, credit_line,
     restrictions, shotlist, poster_sha256)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
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
_ADD_RENDITION = """
INSERT INTO rendition
    (rendition_id, video_id, position, name, role, file, media_type, container, video_codec,
     audio_codec, width, height, frame_rate, bit_rate, size_bytes, sha256)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
"""


async def save_video(tx: Tx, video: Video, at: datetime) -> bool:
    """Write version n over version n - 1, or a first version where there is none; false otherwise."""
    details = video.details
    return bool(
        await tx.sql.fetchval(
            _SAVE_VIDEO,
            video.video_id,
            video.version,
            details.reference,
            video.published_at,
            at,
            _json(details.titles),
            _json(details.headlines),
            _json(details.descriptions),
            details.genre,
            _json(details.keywords),
            details.recorded_at,
            details.duration_ms,
            list(details.spoken_languages),
            _json([asdict(person) for person in details.people]),
            details.location,
            details.credit_line,
            _json(details.restrictions),
            _json([asdict(shot) for shot in details.shotlist]),
            video.poster_sha256,
        )
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


async def save_renditions(tx: Tx, video: Video) -> None:
    """Make the video's renditions those of this state, in this order."""
    await tx.sql.execute("DELETE FROM rendition WHERE video_id = $1", video.video_id)
    await tx.sql.executemany(
        _ADD_RENDITION,
        [_row(video, rendition, position) for position, rendition in enumerate(video.renditions, 1)],
    )


def _row(video: Video, rendition: Rendition, position: int) -> tuple[object, ...]:
    media = rendition.media
    return (
        rendition.rendition_id,
        video.video_id,
        position,
        media.name,
        media.role,
        media.stored.file,
        media.media_type,
        media.container,
        media.video_codec,
        media.audio_codec,
        media.width,
        media.height,
        media.frame_rate,
        media.bit_rate,
        media.stored.size_bytes,
        media.stored.sha256,
    )
