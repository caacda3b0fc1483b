"""An account asks for a rendition."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from delivery import errors, outbound_events, store
from delivery.domain.grant import Caller, Grant, Rendition
from delivery.store import audit
from delivery.usecases.check_account import check_account
from delivery.usecases.check_rendition import check_rendition
from newsreel_runtime.ids import new_id
from newsreel_runtime.transaction import Tx


@dataclass(frozen=True)
class Opened:
    """The grant, its rendition, and whether it is new."""

    grant: Grant
    rendition: Rendition
    new: bool


async def open_grant(tx: Tx, caller: Caller, video_id: UUID, rendition_id: UUID, at: datetime) -> Opened:
    """Give the account its one grant for the rendition, however often and from wherever it asks.

    Raises `ServiceError`: session-ended, account-not-active, rendition-unknown, video-withheld,
    video-withdrawn.
    """
    await check_account(tx.sql, caller)
    rendition = await store.find_rendition(tx.sql, rendition_id)
    if rendition is None or rendition.video_id != video_id:
        raise errors.rendition_unknown()
    await check_rendition(tx.sql, rendition)
    grant = Grant(new_id(), caller.account_id, video_id, rendition_id)
    live = replace(grant, grant_id=await store.save_grant(tx, grant, at))
    if live == grant:
        outbound_events.download_granted(tx, grant, at)
        audit.add(tx, "granted", grant, at)
    return Opened(live, rendition, new=live == grant)
