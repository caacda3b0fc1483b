"""The person closes the account, with its password."""

from collections.abc import Callable
from datetime import datetime

from identity import errors, outbound_events
from identity.domain.limits import Buckets
from identity.store import accounts
from identity.usecases.check_own_password import Claim, check_own_password
from identity.usecases.hash_password import Hashing
from newsreel_runtime.clock import now
from newsreel_runtime.database import Database


async def delete_account(
    database: Database,
    hashing: Hashing,
    claim: Claim,
    *,
    buckets: Buckets,
    clock: Callable[[], datetime] = now,
) -> None:
    """Delete it with all that hangs on it, and tell every service to forget it.

    Raises `ServiceError` as `check_own_password`; 401 session-ended when the password changed meanwhile.
    """
    owner = await check_own_password(database, hashing, claim, buckets=buckets, clock=clock)
    async with database.begin() as tx:
        await accounts.lock_address(tx, owner.address.key)
        removed = await accounts.remove(tx, claim.account_id, owner.verified_hash)
        if removed is None:
            raise errors.session_ended()
        outbound_events.account_deleted(tx, removed)
