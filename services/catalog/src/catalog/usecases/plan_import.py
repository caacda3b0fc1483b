"""What an import of a submission would do."""

from catalog.domain.revision import Plan, Published, Submission, decide
from catalog.store import transcripts, videos
from newsreel_runtime.ids import new_id
from newsreel_runtime.sql import Sql


async def plan_import(sql: Sql, submission: Submission, *, replace: bool = False) -> Plan:
    """Compare the submission with what is published under its reference; nothing is written.

    Raises `ImportRefusedError`.
    """
    video = await videos.find_by_reference(sql, submission.details.reference)
    if video is None:
        return decide(submission, None, new_id)
    known = Published(video, await transcripts.find_transcripts(sql, video.video_id))
    return decide(submission, known, new_id, replace=replace)
