"""The person signs out: here, somewhere else, or everywhere."""

from datetime import datetime
from uuid import UUID

from identity import errors, outbound_events
from identity.store import accounts, sessions
from identity.usecases.find_session import find_session
from newsreel_runtime.keyring import KeyRing
from newsreel_runtime.transaction import Tx


async def sign_out(tx: Tx, token: str, keys: KeyRing, at: datetime) -> None:
    """End the session of that token, of whatever generation; nothing when it is over already."""
    held = await find_session(tx.sql, token, keys, at)
    if held is not None:
        await sessions.remove(tx, held.session.session_id)


async def end_session(tx: Tx, account_id: UUID, session_began: datetime, session_id: UUID) -> None:
    """End one of the account's. Raises `ServiceError` 401 session-ended: the caller's own is over."""
    if await accounts.find_acting(tx.sql, account_id, session_began) is None:
        raise errors.session_ended()
    await sessions.remove_of_account(tx, account_id, session_id)


async def end_sessions(tx: Tx, account_id: UUID, session_began: datetime, at: datetime) -> None:
    """Every session until now is dead, here and wherever the event arrives: within a second.

    Raises `ServiceError` 401 session-ended.
    """
    account = await accounts.end_sessions(tx, account_id, session_began, at)
    if account is None:
        raise errors.session_ended()
    outbound_events.sessions_ended(tx, account)
