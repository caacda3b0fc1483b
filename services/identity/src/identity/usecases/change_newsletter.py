"""The newsletter button."""

from datetime import datetime
from uuid import UUID

from identity import errors, outbound_events
from identity.store import accounts
from newsreel_runtime.transaction import Tx


async def change_newsletter(tx: Tx, account_id: UUID, session_began: datetime, wanted: bool) -> bool:
    """Returns what the account wants now. A second press changes nothing and publishes nothing.

    Raises `ServiceError` 401 session-ended.
    """
    changed = await accounts.set_newsletter(tx, account_id, session_began, wanted)
    if changed is None:
        raise errors.session_ended()
    account, is_changed = changed
    if is_changed:
        outbound_events.newsletter_changed(tx, account)
    return account.newsletter
