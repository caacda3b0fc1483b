"""An account can be reached elsewhere, or in another language."""

from datetime import datetime
from uuid import UUID

from newsreel_runtime.transaction import Tx
from notifier import store
from notifier.domain.mail import Locale


async def save_contact(
    tx: Tx, account_id: UUID, address: str, locale: Locale, *, newsletter: bool, changed_at: datetime
) -> None:
    """Keep the contact, unless a newer one is known."""
    await store.save_contact(tx, account_id, address, locale, newsletter=newsletter, changed_at=changed_at)
