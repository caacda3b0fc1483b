"""A person follows a ticket."""

from datetime import datetime
from uuid import UUID

from delivery import errors, outbound_events, store
from delivery.domain.grant import Caller, Grant, Rendition
from delivery.usecases.check_account import check_account
from newsreel_runtime.transaction import Tx


async def redeem_ticket(
    tx: Tx, caller: Caller, grant_id: UUID, at: datetime, *, seconds: int, record: bool
) -> tuple[Grant, Rendition]:
    """The grant, and its rendition that may be taken. `record`: say on the bus that it was asked for, once in
    `seconds`, so that a download by sixteen connections counts as one.

    Raises `ServiceError`: session-ended, account-not-active, grant-unknown, grant-revoked,
    rendition-unknown.
    """
    await check_account(tx.sql, caller)
    grant = await store.find_grant(tx.sql, grant_id)
    if grant is None or grant.account_id != caller.account_id:
        raise errors.grant_unknown()
    if grant.is_revoked:
        raise errors.grant_revoked()
    rendition = await store.find_rendition(tx.sql, grant.rendition_id)
    if rendition is None or not rendition.available:
        raise errors.rendition_unknown()
    if record and await store.note_redemption(tx, grant_id, at, seconds):
        outbound_events.download_redeemed(tx, grant, at)
    return grant, rendition
