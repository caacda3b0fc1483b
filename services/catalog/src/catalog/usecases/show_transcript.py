"""One transcript of a published video."""

from uuid import UUID

from catalog import errors
from catalog.domain.video import Transcript
from catalog.store import transcripts
from newsreel_runtime.sql import Sql


async def show_transcript(sql: Sql, video_id: UUID, language: str) -> tuple[int, Transcript]:
    """The version and the words of the video's transcript. Raises `transcript-unknown`."""
    found = await transcripts.find_transcript(sql, video_id, language)
    if found is None:
        raise errors.transcript_unknown()
    return found
