"""A published video is withheld for now, or withdrawn for good."""

from dataclasses import replace
from typing import Literal
from uuid import UUID

from catalog import outbound_events
from catalog.domain.editorial import Note
from catalog.domain.video import Stop, Video
from catalog.store import editorial
from catalog.usecases.held_video import held_video
from catalog.usecases.index_video import index_video
from newsreel_runtime.failpoints import fail_point
from newsreel_runtime.transaction import Tx


async def stop_video(
    tx: Tx, video_id: UUID, status: Literal["withheld", "withdrawn"], stop: Stop, note: Note, *, version: int
) -> Video:
    """Take the video out of the list, the search and the bus, and record who did it; returns it as it is now.

    One that is withheld may be withdrawn.
    Raises `ServiceError`: video-unknown, version-passed, status-refused.
    """
    allowed = {"usable"} if status == "withheld" else {"usable", "withheld"}
    video = await held_video(tx, video_id, version=version, allowed=allowed, wanted=status)
    stopped = replace(video, version=video.version + 1, status=status, stop=stop)
    await editorial.save_status(tx, stopped, note)
    editorial.record(tx, stopped, status, note)
    await index_video(tx, video_id)
    outbound_events.video_changed(tx, stopped)
    for language in stopped.transcript_languages:
        outbound_events.transcript_erased(tx, video_id, language)
    fail_point("editorial.stopped")
    return stopped
