"""A proven reset sets a new password."""

from datetime import datetime
from uuid import UUID

from identity import errors, outbound_events
from identity.domain.limits import Buckets
from identity.domain.secret import hash_secret
from identity.store import accounts, allowances, challenges, proofs
from newsreel_runtime.transaction import Tx


async def set_password(
    tx: Tx, challenge_id: UUID, *, reset_token: str, password_hash: str, buckets: Buckets, at: datetime
) -> None:
    """New password, every session ended, every limit of the address lifted, the owner told: at once.

    Raises `ServiceError` 422 reset-refused.
    """
    address_key = await challenges.find_address_key(tx, challenge_id)
    if address_key is None:
        raise errors.reset_refused()
    await accounts.lock_address(tx, address_key)
    claimed = await proofs.claim_reset(tx, challenge_id, hash_secret(reset_token), at)
    if claimed is None:
        raise errors.reset_refused()
    # Buckets before account: registering locks them in that order too.
    await allowances.clear(tx, buckets.all(address_key))
    replaced = await accounts.replace_password(tx, claimed.account_id, claimed.address, password_hash, at)
    await proofs.close_all(tx, claimed.account_id, at)
    if replaced.newly_verified:
        outbound_events.account_verified(tx, replaced.account)
    outbound_events.password_changed(tx, replaced.account, challenge_id, at)
