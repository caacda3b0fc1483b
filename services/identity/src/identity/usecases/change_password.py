"""The person sets another password, with the old one."""

from collections.abc import Callable
from datetime import datetime

from identity import errors, outbound_events
from identity.domain.guessable import is_guessable
from identity.domain.keys import Keys
from identity.domain.password import TOO_COMMON
from identity.store import accounts, proofs
from identity.usecases.begin_session import Browser, Started, begin_session
from identity.usecases.check_own_password import Claim, check_own_password
from identity.usecases.hash_password import Hashing
from newsreel_runtime.clock import now
from newsreel_runtime.database import Database
from newsreel_runtime.errors import FieldError
from newsreel_runtime.ids import new_id


async def change_password(
    database: Database,
    hashing: Hashing,
    claim: Claim,
    new_password: str,
    *,
    keys: Keys,
    clock: Callable[[], datetime] = now,
) -> Started:
    """Every session ends, every code and reset of the account dies, the owner is told; this browser goes on.

    Raises `ServiceError` as `check_own_password`; 422 password-refused (of the account's own words).
    """
    owner = await check_own_password(database, hashing, claim, buckets=keys.buckets, clock=clock)
    if is_guessable(new_password, (owner.address.stored,)):
        raise errors.password_refused([FieldError("new_password", TOO_COMMON.code, TOO_COMMON.detail)])
    new_hash = await hashing.hash(new_password)
    async with database.begin() as tx:
        at = clock()
        await accounts.lock_address(tx, owner.address.key)
        account = await accounts.change_password(tx, claim.account_id, owner.verified_hash, new_hash, at)
        if account is None:
            raise errors.session_ended()
        await proofs.close_all(tx, account.account_id, None, at)
        outbound_events.password_changed(tx, account, new_id(), at)
        browser = Browser(owner.nonce, claim.origin.browser)
        started = await begin_session(
            tx, account.account_id, owner.address.key, new_hash, browser, keys=keys, at=at
        )
        if started is None:
            raise errors.session_ended()
        return started
