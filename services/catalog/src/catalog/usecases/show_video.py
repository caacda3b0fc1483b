"""One published video."""

from uuid import UUID

import asyncpg

from catalog import errors
from catalog.domain.video import Video
from catalog.store import videos


async def show_video(connection: asyncpg.Connection, video_id: UUID) -> Video:
    """The video of that id. Raises `video-unknown`."""
    video = await videos.find_video(connection, video_id)
    if video is None:
        raise errors.video_unknown()
    return video
