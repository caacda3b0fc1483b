"""Delete expired rows: challenges, accounts that were never proven, sessions, limits."""

from identity import outbound_events
from identity.store import accounts, expired
from newsreel_runtime.transaction import Tx

BATCH = 1000  # rows of each table in one transaction


async def purge_expired(tx: Tx) -> bool:
    """Delete one batch of each kind. True when there may be more."""
    more = await expired.delete(tx, BATCH)
    unproven = await accounts.remove_unproven(tx, BATCH)
    for account in unproven:
        outbound_events.account_deleted(tx, account)
    return more or len(unproven) == BATCH
