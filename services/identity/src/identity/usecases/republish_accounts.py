"""The state of accounts and contacts anew, for a bus that lost it."""

from collections.abc import Sequence
from uuid import UUID

from identity import outbound_events
from identity.store import accounts
from newsreel_runtime.transaction import Tx

BATCH = 200  # accounts, which wait for each other for the time of one transaction


async def republish_accounts(tx: Tx, after: UUID) -> Sequence[UUID]:
    """Record the public state of the accounts with the next ids, and return these; none at the end."""
    found = await accounts.lock_next(tx, after, BATCH)
    for account in found:
        outbound_events.account_republished(tx, account)
    return [account.account_id for account in found]


async def republish_contacts(tx: Tx, after: UUID) -> Sequence[UUID]:
    """Record how to reach the accounts with the next ids, and return these; none at the end."""
    found = await accounts.lock_next(tx, after, BATCH)
    for account in found:
        outbound_events.contact_republished(tx, account)
    return [account.account_id for account in found]
