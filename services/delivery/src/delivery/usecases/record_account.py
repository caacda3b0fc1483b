"""Identity published an account's state."""

from datetime import datetime

from delivery import store
from delivery.domain.grant import Account
from newsreel_runtime.transaction import Tx


async def record_account(tx: Tx, account: Account, changed_at: datetime) -> None:
    """Take the state over; repeating it, or a late older one, changes nothing."""
    await store.save_account(tx, account, changed_at)
