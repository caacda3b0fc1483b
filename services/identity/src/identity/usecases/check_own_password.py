"""The person is asked for the own password: a session that was left open, or stolen, is not enough."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from identity import errors
from identity.domain.address import Address, parse_address
from identity.domain.limits import Buckets
from identity.domain.network import Origin
from identity.domain.password_hash import PasswordHash
from identity.store import accounts, allowances
from identity.usecases.hash_password import Hashing
from identity.usecases.sign_in import admit
from newsreel_runtime.clock import now
from newsreel_runtime.database import Database


@dataclass(frozen=True)
class Claim:
    """Who says to be the owner: the account and the session of an access token, and a password."""

    account_id: UUID
    session_began: datetime
    password: str = field(repr=False)
    origin: Origin


@dataclass(frozen=True)
class Owner:
    """`verified_hash` is what the password was verified against; `nonce` makes this browser known."""

    address: Address
    verified_hash: PasswordHash = field(repr=False)
    nonce: str = field(repr=False)


async def check_own_password(
    database: Database,
    hashing: Hashing,
    claim: Claim,
    *,
    buckets: Buckets,
    clock: Callable[[], datetime] = now,
) -> Owner:
    """A wrong password counts as one at sign-in, and the right one forgives.

    Raises `ServiceError`: 401 session-ended, 422 password-refused, 429 too-many-requests, 503 busy.
    """
    async with database.begin() as tx:
        account = await accounts.find_acting(tx.sql, claim.account_id, claim.session_began)
        if account is None:
            raise errors.session_ended()
        address = parse_address(account.address)
        admitted = await admit(tx, address, claim.origin, buckets, clock())
    stored = admitted.known.password_hash if admitted.known is not None else None
    if stored is None or not await hashing.verify(stored, claim.password):
        raise errors.password_wrong()
    async with database.begin() as tx:
        await allowances.clear(tx, [admitted.bucket])
    return Owner(address, stored, admitted.nonce)
