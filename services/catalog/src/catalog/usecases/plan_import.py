"""What an import of a submission would do."""

import asyncpg

from catalog.domain.revision import Plan, Published, Submission, decide
from catalog.store import transcripts, videos
from newsreel_runtime.ids import new_id


async def plan_import(connection: asyncpg.Connection, submission: Submission) -> Plan:
    """Compare the submission with what is published under its reference; nothing is written.

    Raises `ImportRefusedError`.
    """
    video = await videos.find_by_reference(connection, submission.details.reference)
    if video is None:
        return decide(submission, None, new_id)
    known = Published(video, await transcripts.find_transcripts(connection, video.video_id))
    return decide(submission, known, new_id)
