"""A person takes a grant back: a link went astray, or the list is tidied."""

from datetime import datetime
from uuid import UUID

from delivery import errors, outbound_events, store
from delivery.domain.grant import Caller
from delivery.store import audit
from delivery.usecases.check_account import check_account
from newsreel_runtime.transaction import Tx


async def revoke_grant(tx: Tx, caller: Caller, grant_id: UUID, at: datetime) -> None:
    """End the grant for good, its ticket and every signed URL; once more is the same.

    Raises `ServiceError`: session-ended, account-not-active, grant-unknown.
    """
    await check_account(tx.sql, caller)
    grant = await store.find_grant(tx.sql, grant_id)
    if grant is None or grant.account_id != caller.account_id:
        raise errors.grant_unknown()
    if await store.revoke_grant(tx, grant_id, at):
        outbound_events.download_revoked(tx, grant, "by-account", at)
        audit.add(tx, "revoked", grant, at, "by-account")
