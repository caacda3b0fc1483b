"""How to reach accounts, as identity says it, and whom the mail server refused for good."""

from datetime import datetime
from uuid import UUID

from newsreel_runtime.transaction import Tx
from notifier.domain.mail import Locale

# Another address, or a new subscription, ends what an earlier refusal began.
_SAVE = """
INSERT INTO contact (account_id, address, locale, newsletter, changed_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (account_id) DO UPDATE
SET address = excluded.address, locale = excluded.locale, newsletter = excluded.newsletter,
    changed_at = excluded.changed_at,
    refused_at = CASE WHEN contact.address = excluded.address AND contact.newsletter = excluded.newsletter
                      THEN contact.refused_at END
WHERE contact.changed_at <= excluded.changed_at
"""
_ERASE = "DELETE FROM contact WHERE account_id = $1"
_REFUSED = "UPDATE contact SET refused_at = now() WHERE account_id = $1 AND address = $2"


async def save_contact(
    tx: Tx, account_id: UUID, address: str, locale: Locale, *, newsletter: bool, changed_at: datetime
) -> None:
    """Keep the newest contact of an account; an older event changes nothing."""
    tx.write(_SAVE, account_id, address, locale, newsletter, changed_at)


async def erase_contact(tx: Tx, account_id: UUID) -> None:
    tx.write(_ERASE, account_id)


async def address_refused(tx: Tx, account_id: UUID, address: str) -> None:
    """The mail server refused that address for good: it gets no newsletter any more."""
    tx.write(_REFUSED, account_id, address)
