"""The person signs out everywhere."""

from datetime import datetime
from uuid import UUID

from identity import errors, outbound_events
from identity.store import accounts
from newsreel_runtime.transaction import Tx


async def end_sessions(tx: Tx, account_id: UUID, session_began: datetime, at: datetime) -> None:
    """Every session until now is dead, here and wherever the event arrives: within a second.

    Raises `ServiceError` 401 session-ended.
    """
    account = await accounts.end_sessions(tx, account_id, session_began, at)
    if account is None:
        raise errors.session_ended()
    outbound_events.sessions_ended(tx, account)
