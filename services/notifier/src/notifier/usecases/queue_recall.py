"""An account is to be told of a recall."""

from datetime import datetime, timedelta
from uuid import UUID

from newsreel_runtime.ids import new_id
from newsreel_runtime.transaction import Tx
from notifier.domain.recall import RecalledVideo
from notifier.outbound_events import emit_notice_mailed
from notifier.store import recalls

_LIFE = timedelta(days=3)  # a mail server may be away over a weekend


async def queue_recall(
    tx: Tx,
    recalled: RecalledVideo,
    notice_id: UUID,
    account_id: UUID,
    *,
    at: datetime,
    traceparent: str | None,
) -> bool:
    """Queue the mail; false, and said on the bus, when there is no address that takes it."""
    reachable = await recalls.find_reachable(tx, account_id)
    if reachable is None:
        emit_notice_mailed(tx, notice_id, "unreachable", at)
        return False
    recalls.save_recall(tx, recalled)
    asked = recalls.RecallMailRequest(new_id(), notice_id, recalled.recall_id, account_id, at + _LIFE)
    recalls.add_mail(tx, asked, *reachable, at=at, traceparent=traceparent)
    return True
