"""A bearer ticket went astray, or is not needed any more."""

from datetime import datetime
from uuid import UUID

from delivery import errors, store
from delivery.domain.grant import Caller
from delivery.store import audit, bearer_tickets
from delivery.usecases.check_account import check_account
from newsreel_runtime.transaction import Tx


async def revoke_bearer_ticket(tx: Tx, caller: Caller, grant_id: UUID, ticket_id: UUID, at: datetime) -> None:
    """End it for good; its grant and the other tickets stay. Once more is the same.

    Raises `ServiceError`: session-ended, account-not-active, grant-unknown, ticket-unknown.
    """
    await check_account(tx.sql, caller)
    grant = await store.find_grant(tx.sql, grant_id)
    if grant is None or grant.account_id != caller.account_id:
        raise errors.grant_unknown()
    if await bearer_tickets.revoke_bearer_ticket(tx, grant_id, ticket_id, at):
        audit.add(tx, "ticket-revoked", grant, at)
    elif not await bearer_tickets.has_bearer_ticket(tx.sql, grant_id, ticket_id):
        raise errors.ticket_unknown()
