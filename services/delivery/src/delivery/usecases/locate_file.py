"""Somebody holds a good signed URL, or looks at a poster: which file is it?"""

from uuid import UUID

from delivery import errors, store
from delivery.domain.grant import Rendition
from newsreel_runtime.sql import Sql


async def locate_rendition(sql: Sql, rendition_id: UUID, file: str) -> Rendition:
    """The rendition that is published under that id and file name. Raises `ServiceError` rendition-unknown.

    The name on disk comes from the returned value, never from the URL.
    """
    rendition = await store.find_rendition(sql, rendition_id)
    if rendition is None or not rendition.available or rendition.file != file:
        raise errors.rendition_unknown()
    return rendition


async def require_published(sql: Sql, video_id: UUID) -> None:
    """Raises `ServiceError` poster-unknown for a video that is not published: its poster is not public."""
    if not await store.is_published(sql, video_id):
        raise errors.poster_unknown()
