"""One published video."""

from uuid import UUID

from catalog import errors
from catalog.domain.video import Video
from catalog.store import videos
from newsreel_runtime.sql import Sql


async def show_video(sql: Sql, video_id: UUID) -> Video:
    """The video of that id. Raises `video-unknown`."""
    video = await videos.find_video(sql, video_id)
    if video is None:
        raise errors.video_unknown()
    return video
