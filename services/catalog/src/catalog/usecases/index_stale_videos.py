"""Videos whose moments are missing or old are indexed: of another release, or by older rules."""

from catalog.store import moments as index
from catalog.usecases.index_video import index_video
from newsreel_runtime.transaction import Tx


async def index_stale_videos(tx: Tx, limit: int) -> tuple[int, int]:
    """Index up to `limit` of them: how many videos it were, and how many moments."""
    stale = await index.lock_stale(tx, limit)
    return len(stale), sum([await index_video(tx, video_id) for video_id in stale])
