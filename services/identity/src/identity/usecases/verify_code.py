"""The person types the code."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from identity import errors, outbound_events
from identity.domain.challenge import Challenge, is_proven
from identity.domain.code import Purpose, read_typed
from identity.domain.limits import GUESS_RULES, Buckets, free_at, whole_seconds
from identity.domain.secret import hash_secret, is_secret, new_token
from identity.store import accounts, allowances, challenges, proofs
from newsreel_runtime.keyring import KeyRing
from newsreel_runtime.transaction import Tx


@dataclass(frozen=True)
class Proven:
    """The address is proven, and nobody is signed in; a reset may go on with its token."""

    purpose: Purpose
    reset_token: str | None = field(default=None, repr=False)
    reset_expires_at: datetime | None = None


async def verify_code(
    tx: Tx, challenge_id: UUID, secret: str, typed: str, *, keys: KeyRing, buckets: Buckets, at: datetime
) -> Proven | None:
    """None for a wrong, expired or used code or another browser: the guess is counted, so commit.

    Raises `ServiceError` 429 when no guess is left; that one is not looked at and counts for nothing.
    """
    code = read_typed(typed)
    address_key = await challenges.find_address_key(tx, challenge_id)
    if code is None or address_key is None:
        return None
    await accounts.lock_address(tx, address_key)
    challenge = await challenges.find(tx, challenge_id)
    if challenge is None or challenge.is_closed:
        return None  # nothing is left to guess, so the second press of a double click costs nothing
    await _take_guess(tx, challenge, buckets, at)
    if not (is_secret(secret, challenge.secret_hash) and is_proven(challenge, code, keys.get, at)):
        await challenges.count_wrong_guess(tx, challenge_id)
        return None
    await allowances.clear(tx, [buckets.guess(challenge.purpose, address_key)])
    return await (_signup_proven if challenge.purpose == "signup" else _reset_proven)(tx, challenge, at)


async def _take_guess(tx: Tx, challenge: Challenge, buckets: Buckets, at: datetime) -> None:
    """Count before comparing, so that parallel guesses cannot slip through."""
    spent = await allowances.spend(
        tx, buckets.guess(challenge.purpose, challenge.address_key), GUESS_RULES, at
    )
    if spent.is_allowed and challenge.has_guesses:
        return
    # What is raised here undoes the count: the wait is that of the guesses before this one.
    before = spent.hits[:-1] if spent.is_allowed else spent.hits
    raise errors.guess_budget_spent(whole_seconds(free_at(before, GUESS_RULES, at) - at))


async def _signup_proven(tx: Tx, challenge: Challenge, at: datetime) -> Proven | None:
    account = await accounts.activate(tx, challenge, at)
    if account is None:
        return None
    await proofs.close_all(tx, account.account_id, at)
    outbound_events.account_verified(tx, account)
    return Proven("signup")


async def _reset_proven(tx: Tx, challenge: Challenge, at: datetime) -> Proven:
    token = new_token()
    until = await proofs.open_password(tx, challenge, hash_secret(token), at)
    return Proven("reset", token, until)
