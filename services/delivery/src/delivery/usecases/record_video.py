"""The catalogue published a video's whole state."""

from delivery import store
from delivery.domain.file_name import is_media_type, is_safe
from delivery.domain.grant import Video
from newsreel_runtime.transaction import Tx


async def record_video(tx: Tx, video: Video) -> None:
    """Take the state over unless a newer version is here.

    Raises `ValueError` for a file that could not be handed over safely: the record is parked.
    """
    for rendition in video.renditions:
        if not is_safe(rendition.file):
            raise ValueError("a rendition's file name could lead out of its folder")
        if not is_media_type(rendition.media_type):
            raise ValueError("a rendition's media type is not type/subtype")
    if await store.save_video(tx, video):
        await store.save_renditions(tx, video)
