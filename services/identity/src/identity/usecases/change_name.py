"""The person says how to be called."""

from datetime import datetime
from uuid import UUID

from identity import errors, outbound_events
from identity.store import accounts
from newsreel_runtime.transaction import Tx


async def change_name(tx: Tx, account_id: UUID, session_began: datetime, name: str | None) -> None:
    """None takes it away; the same one again changes nothing. Raises `ServiceError` 401 session-ended."""
    if await accounts.find_acting(tx.sql, account_id, session_began) is None:
        raise errors.session_ended()
    changed = await accounts.set_name(tx, account_id, session_began, name)
    if changed is not None:
        outbound_events.contact_changed(tx, changed)
