"""The video that an operator means."""

from catalog.domain.plain_text import printable
from catalog.domain.video import Video
from catalog.errors import ImportRefusedError
from catalog.store import videos
from newsreel_runtime.sql import Sql


async def published_video(sql: Sql, reference: str) -> Video:
    """By its house number. Raises `ImportRefusedError`."""
    video = await videos.find_by_reference(sql, reference)
    if video is None:
        raise ImportRefusedError(f"reference: there is no video {printable(reference)}")
    return video
