"""Publish or revise a video, once its files are in their place."""

from datetime import datetime

from catalog import outbound_events
from catalog.domain.editorial import Done, Note
from catalog.domain.revision import Plan
from catalog.domain.video import Video
from catalog.errors import ImportRefusedError
from catalog.store import editorial, publication, transcripts, videos
from catalog.usecases.index_video import index_video
from newsreel_runtime.transaction import Tx


async def record_import(tx: Tx, plan: Plan, at: datetime, *, editor: str = "import") -> None:
    """Write what was planned, what the search has of it, its events, and who did it; nothing when nothing
    changed.

    Raises `ImportRefusedError` when another import of the same video came in between.
    """
    if plan.outcome == "unchanged":
        return
    video = await _written(tx, plan, at)
    for version, transcript in plan.transcripts:
        await transcripts.save_transcript(tx, video.video_id, version, transcript)
    done: Done = "published" if plan.outcome == "new" else "revised"
    why = f"imported: {', '.join(plan.changes)}" if plan.changes else "imported"
    editorial.record(tx, video, done, Note(editor, why, at))
    await index_video(tx, video.video_id)
    if plan.outcome == "new":
        outbound_events.video_published(tx, video)
    else:
        outbound_events.video_changed(tx, video)
    if video.status == "usable":
        for version, transcript in plan.transcripts:
            outbound_events.transcript_published(tx, video.video_id, version, transcript)


async def _written(tx: Tx, plan: Plan, at: datetime) -> Video:
    known = await videos.find_by_reference(tx.sql, plan.submission.details.reference)
    video = Video(
        video_id=plan.video_id,
        version=plan.version,
        published_at=known.published_at if known else at,
        details=plan.submission.details,
        renditions=plan.renditions,
        poster_sha256=plan.submission.poster.sha256,
        transcript_languages=tuple(sorted(spoken.language for spoken in plan.submission.transcripts)),
        status=known.status if known else "usable",
        stop=known.stop if known else None,
    )
    if not await publication.save_video(tx, video, at):
        raise ImportRefusedError("reference: another import changed this video meanwhile; import it again")
    await publication.save_renditions(tx, video)
    return video
