"""The video that is about to be changed, and that nobody else changes meanwhile."""

from collections.abc import Set as AbstractSet
from uuid import UUID

from catalog import errors
from catalog.domain.video import Video
from catalog.store import editorial, videos
from newsreel_runtime.transaction import Tx


async def held_video(
    tx: Tx, video_id: UUID, *, version: int, allowed: AbstractSet[str], wanted: str
) -> Video:
    """The video in the version that was looked at, whose status may become `wanted`.

    Raises `ServiceError`: video-unknown, version-passed, status-refused.
    """
    await editorial.hold(tx, video_id)
    video = await videos.find_video(tx.sql, video_id)
    if video is None:
        raise errors.video_unknown()
    if video.version != version:
        raise errors.version_passed(video.version)
    if video.status not in allowed:
        raise errors.status_refused(video.status, wanted)
    return video
