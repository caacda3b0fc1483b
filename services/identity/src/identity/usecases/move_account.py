"""An account gets the address that was proven."""

from datetime import datetime

from identity import outbound_events
from identity.domain.account import Account
from identity.domain.challenge import Challenge
from identity.store import addresses, proofs
from newsreel_runtime.transaction import Tx


async def move_account(tx: Tx, proven: Challenge, at: datetime) -> Account | None:
    """Every session until now ends, every code and reset of the account dies, the former address is told.

    Somebody's registration of the address that was never proven gives way. None when another account has
    the address by now, or this one is not active.
    """
    unproven = await addresses.remove_unverified(tx, proven.address_key)
    if unproven is not None:
        outbound_events.account_deleted(tx, unproven)
    changed = await addresses.change_address(tx, proven, at)
    if changed is None:
        return None
    account, former = changed
    await proofs.close_all(tx, account.account_id, proven.challenge_id, at)
    outbound_events.address_changed(tx, account, former, proven.challenge_id, at)
    return account
