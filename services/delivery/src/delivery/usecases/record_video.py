"""The catalogue published a video's whole state."""

from delivery import store
from delivery.domain.file_name import is_safe
from delivery.domain.grant import Video
from newsreel_runtime.transaction import Tx


async def record_video(tx: Tx, video: Video) -> None:
    """Take the state over unless a newer version is here.

    Raises `ValueError` for a file name that could lead out of its folder: the record is parked.
    """
    if not all(is_safe(one.file) for one in video.renditions):
        raise ValueError("a rendition's file name is not safe")
    if await store.save_video(tx, video):
        await store.save_renditions(tx, video)
