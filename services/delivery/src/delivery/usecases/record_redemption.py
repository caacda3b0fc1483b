"""A ticket is followed to the bytes."""

from datetime import datetime

from delivery import outbound_events, store
from delivery.domain.grant import Grant
from delivery.store import audit
from delivery.usecases.check_rendition import check_rendition
from newsreel_runtime.transaction import Tx


async def record_redemption(tx: Tx, grant: Grant, at: datetime, seconds: int, how: str | None = None) -> None:
    """Say on the bus that the file was asked for, once in `seconds` and for each version.

    A recall must find everybody who was given the file: it waits for this commit, or is seen here.
    Raises `ServiceError`: rendition-unknown, video-withheld, video-withdrawn.
    """
    if await store.note_redemption(tx, grant.grant_id, at, seconds):
        await check_rendition(tx.sql, await store.hold_rendition(tx, grant.rendition_id))
        outbound_events.download_redeemed(tx, grant, at)
        audit.add(tx, "redeemed", grant, at, how)
