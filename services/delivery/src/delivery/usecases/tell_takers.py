"""Who took what is recalled is found, and told: in batches, each of which commits how far it came."""

from datetime import datetime

from delivery import outbound_events
from delivery.domain.grant import Grant
from delivery.domain.recall import Notice, Recall, Taken
from delivery.store import audit, recalls
from newsreel_runtime.failpoints import fail_point
from newsreel_runtime.ids import new_id
from newsreel_runtime.transaction import Tx


async def tell_takers(tx: Tx, at: datetime, grants: int, accounts: int) -> bool:
    """The next batch of the oldest recall: look at `grants`, or tell `accounts`.

    False when nothing is left to do, or another process is at it. All takers are known before the first is
    told: what an account took of the recall stands in its one event.
    """
    unfinished = await recalls.lock_unfinished(tx)
    if unfinished is None:
        return False
    recall, is_collected, after = unfinished
    if not is_collected:
        await recalls.collect(tx, recall.recall_id, after, grants)
        fail_point("recall.collected")
        return True
    next_ = await recalls.next_accounts(tx, recall.recall_id, after, accounts)
    for taken in await recalls.lock_takers(tx, recall.recall_id, next_):
        _tell(tx, recall, taken, at)
    recalls.noticed(tx, recall.recall_id, next_[-1] if next_ else after, is_last=len(next_) < accounts)
    await tx.sql.flush()
    fail_point("recall.noticed")
    return True


def _tell(tx: Tx, recall: Recall, taken: Taken, at: datetime) -> None:
    state = "noticed" if taken.may_be_told else "not-told"
    notice = Notice(new_id(), recall.recall_id, taken.account_id, state, at)
    recalls.save_notice(tx, notice)
    if not taken.may_be_told:
        return
    outbound_events.recall_noticed(tx, notice.notice_id, recall, taken, at)
    for rendition_id, grant_id in taken.renditions:
        grant = Grant(grant_id, taken.account_id, recall.video_id, rendition_id)
        audit.add(tx, "recalled", grant, at, recall.kind)
