"""The person closes the account, with its password."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from identity import errors, outbound_events
from identity.domain.address import parse_address
from identity.domain.limits import Buckets
from identity.store import accounts
from identity.usecases.hash_password import Hashing
from identity.usecases.sign_in import Origin, admit
from newsreel_runtime.clock import now
from newsreel_runtime.database import Database


async def delete_account(
    database: Database,
    hashing: Hashing,
    account_id: UUID,
    session_began: datetime,
    password: str,
    *,
    origin: Origin,
    buckets: Buckets,
    clock: Callable[[], datetime] = now,
) -> None:
    """Delete it with all that hangs on it, and tell every service to forget it.

    A wrong password counts as one at sign-in. Raises `ServiceError`: 401 session-ended, 422 password-refused,
    429 too-many-requests.
    """
    async with database.begin() as tx:
        account = await accounts.find_acting(tx.sql, account_id, session_began)
        if account is None:
            raise errors.session_ended()
        address = parse_address(account.address)
        admitted = await admit(tx, address, origin, buckets, clock())
    stored = admitted.known.password_hash if admitted.known is not None else None
    if stored is None or not await hashing.verify(stored, password):
        raise errors.password_wrong()
    async with database.begin() as tx:
        await accounts.lock_address(tx, address.key)
        removed = await accounts.remove(tx, account_id, stored)
        if removed is None:
            raise errors.session_ended()
        outbound_events.account_deleted(tx, removed)
