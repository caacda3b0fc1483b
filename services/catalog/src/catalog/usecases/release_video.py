"""A video that was withheld is usable again."""

from dataclasses import replace
from uuid import UUID

from catalog import outbound_events
from catalog.domain.editorial import Note
from catalog.domain.video import Video
from catalog.store import editorial, transcripts
from catalog.usecases.held_video import held_video
from catalog.usecases.index_video import index_video
from newsreel_runtime.transaction import Tx


async def release_video(tx: Tx, video_id: UUID, note: Note, *, version: int) -> Video:
    """Bring the video and its words back; returns it as it is now.

    Raises `ServiceError`: video-unknown, version-passed, status-refused.
    """
    video = await held_video(tx, video_id, version=version, allowed={"withheld"}, wanted="usable")
    released = replace(video, version=video.version + 1, status="usable", stop=None)
    await editorial.save_status(tx, released, note)
    editorial.record(tx, released, "released", note)
    await index_video(tx, video_id)
    outbound_events.video_changed(tx, released)
    for spoken_version, transcript in (await transcripts.find_transcripts(tx.sql, video_id)).values():
        outbound_events.transcript_published(tx, video_id, spoken_version, transcript)
    return released
