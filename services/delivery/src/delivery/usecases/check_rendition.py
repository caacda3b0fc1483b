"""Whether a rendition may be taken now."""

from delivery import errors, store
from delivery.domain.grant import Rendition
from newsreel_runtime.sql import Sql

_OF_STATUS = {"withheld": errors.video_withheld, "withdrawn": errors.video_withdrawn}


async def check_rendition(sql: Sql, rendition: Rendition | None) -> Rendition:
    """The rendition, when the catalogue gives it out.

    Raises `ServiceError`: video-withheld, video-withdrawn, rendition-unknown.
    """
    if rendition is None:
        raise errors.rendition_unknown()
    if not rendition.available:
        status = await store.find_video_status(sql, rendition.video_id)
        refusal = _OF_STATUS.get(status or "", errors.rendition_unknown)
        raise refusal()
    return rendition
