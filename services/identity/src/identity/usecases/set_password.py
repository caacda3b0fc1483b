"""A proven reset sets a new password."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from identity import errors, outbound_events
from identity.domain.challenge import Challenge
from identity.domain.guessable import is_guessable
from identity.domain.limits import Buckets
from identity.domain.password import TOO_COMMON
from identity.domain.password_hash import PasswordHash
from identity.store import accounts, allowances, challenges, proofs
from identity.usecases.hash_password import Hashing
from newsreel_runtime.clock import now
from newsreel_runtime.database import Database
from newsreel_runtime.errors import FieldError
from newsreel_runtime.transaction import Tx


async def set_password(
    database: Database,
    hashing: Hashing,
    challenge_id: UUID,
    *,
    reset_token: str,
    password: str,
    buckets: Buckets,
    clock: Callable[[], datetime] = now,
) -> None:
    """New password, every session ended, every limit of the address lifted, the owner told: at once.

    The same password sent again with the same token changes nothing, and is no error. Raises `ServiceError`
    422 reset-refused, 422 password-refused (of the account's own words), 503.
    """
    password_hash = await hashing.hash(password)
    async with database.begin() as tx:
        at = clock()
        challenge = await challenges.lock(tx, challenge_id)
        if challenge is None or not challenge.may_set_password(reset_token, at):
            raise errors.reset_refused()
        # Not before: the refusal would tell a stranger something of the address.
        if is_guessable(password, (challenge.address,)):
            raise errors.password_refused([FieldError("password", TOO_COMMON.code, TOO_COMMON.detail)])
        if challenge.password_set_at is None:
            await _replace(tx, challenge, password_hash, buckets, at)
            return
        known = await accounts.find_credentials(tx.sql, challenge.address_key)
    if not await hashing.verify(known.password_hash if known else None, password):
        raise errors.reset_refused()


async def _replace(
    tx: Tx, challenge: Challenge, password_hash: PasswordHash, buckets: Buckets, at: datetime
) -> None:
    # Buckets before account: registering locks them in that order too.
    await allowances.clear(tx, buckets.codes(challenge.address_key))
    account, newly_verified = await accounts.replace_password(tx, challenge, password_hash, at)
    await proofs.close_all(tx, account.account_id, challenge.challenge_id, at)
    if newly_verified:
        outbound_events.account_verified(tx, account)
    outbound_events.password_changed(tx, account, challenge.challenge_id, at)
