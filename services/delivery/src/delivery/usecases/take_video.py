"""The catalogue says how a video is now."""

import logging
from datetime import datetime

from delivery import store
from delivery.domain.grant import Video
from delivery.domain.recall import Recall, Withdrawal, recalled
from delivery.store import recalls
from newsreel_runtime.ids import new_id
from newsreel_runtime.transaction import Tx

_log = logging.getLogger(__name__)


async def take_video(tx: Tx, video: Video, withdrawal: Withdrawal, at: datetime) -> None:
    """Take over the state, unless a newer one is here; and recall the files that it takes back."""
    known, listed = await recalls.known_renditions(tx.sql, video.video_id)
    taken_back = recalled(known, listed, video)
    if not await store.save_video(tx, video):
        return
    await store.save_renditions(tx, video)
    if taken_back is None:
        return
    kind, renditions = taken_back
    recall = Recall(
        recall_id=new_id(),
        video_id=video.video_id,
        version=video.version,
        kind=kind,
        reference=video.reference,
        titles=video.titles,
        withdrawal=withdrawal,
        made_at=at,
    )
    if await recalls.save_recall(tx, recall, renditions):
        known_of = {"recall_id": str(recall.recall_id), "kind": kind, "renditions": len(renditions)}
        _log.warning("files are recalled", extra=known_of)
