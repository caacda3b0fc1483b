"""The tables of transcripts and their segments."""

import json
from uuid import UUID

from catalog.domain.video import Language, Segment, Transcript
from newsreel_runtime.sql import Sql
from newsreel_runtime.transaction import Tx

_SEGMENTS = """
SELECT number, start_ms, end_ms, part, speaker, text
FROM segment WHERE video_id = $1 AND language = $2 ORDER BY number
"""
_ADD_SEGMENTS = """
INSERT INTO segment (video_id, language, number, start_ms, end_ms, part, speaker, text)
SELECT $1, $2, number, start_ms, end_ms, part, speaker, text
FROM jsonb_populate_recordset(NULL::segment, $3)
"""


async def find_transcript(sql: Sql, video_id: UUID, language: str) -> tuple[int, Transcript] | None:
    """The version and the words of a video's transcript in one language."""
    row = await sql.fetchrow(
        "SELECT language, kind, version FROM transcript WHERE video_id = $1 AND language = $2",
        video_id,
        language,
    )
    if row is None:
        return None
    segments = await sql.fetch(_SEGMENTS, video_id, language)
    spoken = tuple(Segment(**dict(segment)) for segment in segments)
    return row["version"], Transcript(row["language"], row["kind"], spoken)


async def find_versions(sql: Sql, video_id: UUID) -> dict[Language, int]:
    """Which transcripts a video has, each with its version."""
    rows = await sql.fetch("SELECT language, version FROM transcript WHERE video_id = $1", video_id)
    return {row["language"]: row["version"] for row in rows}


async def find_transcripts(sql: Sql, video_id: UUID) -> dict[Language, tuple[int, Transcript]]:
    """All transcripts of a video, each with its version."""
    rows = await sql.fetch("SELECT language FROM transcript WHERE video_id = $1 ORDER BY language", video_id)
    found = [await find_transcript(sql, video_id, row["language"]) for row in rows]
    return {known[1].language: known for known in found if known is not None}


async def save_transcript(tx: Tx, video_id: UUID, version: int, transcript: Transcript) -> None:
    """Write the transcript whole, in the place of an earlier one."""
    await tx.sql.execute(
        "DELETE FROM transcript WHERE video_id = $1 AND language = $2", video_id, transcript.language
    )
    await tx.sql.execute(
        "INSERT INTO transcript (video_id, language, kind, version) VALUES ($1, $2, $3, $4)",
        video_id,
        transcript.language,
        transcript.kind,
        version,
    )
    segments = [vars(segment) for segment in transcript.segments]
    await tx.sql.execute(
        _ADD_SEGMENTS, video_id, transcript.language, json.dumps(segments, ensure_ascii=False)
    )
