"""The person wants another address: with the password, and a code that is mailed there."""

from collections.abc import Callable
from datetime import datetime

from identity import errors
from identity.domain.address import Address
from identity.domain.keys import Keys
from identity.store import accounts
from identity.usecases.check_own_password import Claim, check_own_password
from identity.usecases.hash_password import Hashing
from identity.usecases.request_code import Requested, request_code
from newsreel_runtime.clock import now
from newsreel_runtime.database import Database


async def request_address(
    database: Database,
    hashing: Hashing,
    claim: Claim,
    address: Address,
    *,
    secret: str | None,
    keys: Keys,
    clock: Callable[[], datetime] = now,
) -> Requested:
    """Ask for a code to `address`; the same answer when it is another account's, whose owner gets a notice.

    Raises `ServiceError` as `check_own_password` and `request_code`; 422 address-refused for its own address.
    """
    owner = await check_own_password(database, hashing, claim, buckets=keys.buckets, clock=clock)
    if address == owner.address:
        raise errors.address_refused(reason=errors.SAME_ADDRESS)
    async with database.begin() as tx:
        await accounts.lock_address(tx, address.key)
        account = await accounts.hold_acting(tx, claim.account_id, claim.session_began)
        if account is None:
            raise errors.session_ended()
        return await request_code(
            tx,
            "address",
            address,
            locale=account.locale,
            secret=secret,
            origin=claim.origin,
            keys=keys,
            at=clock(),
            account_id=account.account_id,
        )
