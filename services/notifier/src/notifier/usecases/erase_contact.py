"""An account is gone: so is its address."""

from uuid import UUID

from newsreel_runtime.transaction import Tx
from notifier import store


async def erase_contact(tx: Tx, account_id: UUID) -> None:
    """Forget how to reach the account; nothing happens when it is forgotten already."""
    await store.erase_contact(tx, account_id)
