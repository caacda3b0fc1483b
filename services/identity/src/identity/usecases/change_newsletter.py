"""The newsletter: the button, and the link in each mail."""

from datetime import datetime
from uuid import UUID

from identity import errors, outbound_events
from identity.domain.account import Consent
from identity.domain.unsubscribe import account_of
from identity.store import accounts
from newsreel_runtime.keyring import KeyRing
from newsreel_runtime.transaction import Tx


async def change_newsletter(tx: Tx, account_id: UUID, session_began: datetime, consent: Consent) -> bool:
    """Returns what the account wants now. A second press changes nothing and publishes nothing.

    Raises `ServiceError` 401 session-ended.
    """
    changed = await accounts.set_newsletter(tx, account_id, session_began, consent)
    if changed is None:
        raise errors.session_ended()
    account, is_changed = changed
    if is_changed:
        outbound_events.newsletter_changed(tx, account)
    return account.newsletter


async def leave_newsletter(tx: Tx, token: str, keys: KeyRing, at: datetime) -> None:
    """Unsubscribe the account of the link; followed again, or the account is gone, nothing changes.

    Raises `ServiceError` 422 unsubscribe-refused.
    """
    account_id = account_of(token, keys)
    if account_id is None:
        raise errors.unsubscribe_refused()
    # Before any session that the account may have: a link in a mail outlives them all.
    changed = await accounts.set_newsletter(tx, account_id, None, Consent(False, at, "link"))
    if changed is not None and changed[1]:
        outbound_events.newsletter_changed(tx, changed[0])
