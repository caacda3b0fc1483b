"""The person asks for all that is kept of them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from identity import errors
from identity.domain.account import Account, Consent
from identity.domain.address import shown
from identity.domain.session import Session
from identity.store import account_acts, accounts, addresses, sessions
from newsreel_runtime.sql import Sql


@dataclass(frozen=True)
class Export:
    """The account, and what hangs on it."""

    account: Account
    address: str
    registered_at: datetime
    verified_at: datetime | None
    sessions: list[Session]
    consents: list[Consent]
    acts: list[account_acts.Done]
    former: list[addresses.FormerAddress]


async def export_account(sql: Sql, account_id: UUID, session_began: datetime, at: datetime) -> Export:
    """Raises `ServiceError` 401 session-ended."""
    account = await accounts.find_acting(sql, account_id, session_began)
    if account is None:
        raise errors.session_ended()
    registered_at, verified_at = await accounts.find_dates(sql, account_id)
    return Export(
        account,
        shown(account.address),
        registered_at,
        verified_at,
        await sessions.of_account(sql, account_id, at),
        await accounts.consents(sql, account_id),
        await account_acts.of_account(sql, account_id),
        await addresses.former_of(sql, account_id, None),
    )
