"""The person types the code."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from identity import errors, outbound_events
from identity.domain.challenge import Challenge, has_code
from identity.domain.code import Purpose, read_typed
from identity.domain.keys import Keys
from identity.domain.limits import GUESS_RULES, retry_after
from identity.domain.secret import hash_secret, is_secret, reset_token
from identity.store import accounts, allowances, challenges, proofs
from newsreel_runtime.errors import ServiceError
from newsreel_runtime.transaction import Tx


@dataclass(frozen=True)
class Proven:
    """The address is proven, and nobody is signed in; a reset may go on with its token."""

    purpose: Purpose
    reset_token: str | None = field(default=None, repr=False)
    reset_expires_at: datetime | None = None


@dataclass(frozen=True)
class Refused:
    """Not proven. The caller commits (the guess was counted), then raises `problem`."""

    problem: ServiceError


async def verify_code(
    tx: Tx, challenge_id: UUID, secret: str, typed: str, *, keys: Keys, at: datetime
) -> Proven | Refused:
    """Prove the address. The right code sent again by its browser gets the same answer again."""
    code = read_typed(typed)
    if code is None:
        return Refused(errors.not_a_code())
    challenge = await challenges.lock(tx, challenge_id)
    if challenge is None:
        return Refused(errors.challenge_unknown())
    is_holder = is_secret(secret, challenge.secret_hash)
    if not challenge.is_over:
        token = reset_token(challenge_id, secret)
        guess = code if is_holder else None
        return await _guess(tx, challenge, guess, token=token, keys=keys, at=at)
    if not is_holder:
        return Refused(errors.code_refused())
    return _answer_again(challenge, secret, code, keys, at)


async def _guess(
    tx: Tx, challenge: Challenge, code: str | None, *, token: str, keys: Keys, at: datetime
) -> Proven | Refused:
    """`code` is None from another browser: that is a wrong guess, whatever was typed."""
    guesses = keys.buckets.guess(challenge.purpose, challenge.address_key)
    # Counted before it is compared, so that parallel guesses cannot slip through.
    spent = await allowances.spend(tx, guesses, GUESS_RULES, at)
    if not spent.is_allowed:
        return Refused(errors.guess_budget_spent(retry_after(spent.hits, GUESS_RULES, at)))
    if not (has_code(challenge, code or "", keys.codes.get, at) and challenge.can_prove):
        await challenges.count_wrong_guess(tx, challenge.challenge_id)
        return Refused(errors.code_refused())
    await allowances.clear(tx, [guesses])
    if challenge.purpose == "reset":
        return Proven("reset", token, await proofs.open_password(tx, challenge, hash_secret(token), at))
    account = await accounts.activate(tx, challenge, at)
    if account is None:
        return Refused(errors.challenge_over())
    await proofs.close_all(tx, account.account_id, challenge.challenge_id, at)
    outbound_events.account_verified(tx, account)
    return Proven("signup")


def _answer_again(challenge: Challenge, secret: str, code: str, keys: Keys, at: datetime) -> Proven | Refused:
    """The earlier answer, for the code that proved the challenge. Any other code: the challenge is over."""
    at_proof = challenge.proven_at
    if at_proof is not None and has_code(challenge, code, keys.codes.get, at_proof):
        if challenge.purpose == "signup":
            return Proven("signup")
        token = reset_token(challenge.challenge_id, secret)
        if challenge.may_set_password(token, at):
            return Proven("reset", token, challenge.reset_expires_at)
    return Refused(errors.challenge_over())
