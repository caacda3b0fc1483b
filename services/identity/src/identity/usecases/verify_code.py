"""The person types the code."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from identity import errors, outbound_events
from identity.domain.challenge import Challenge, has_code
from identity.domain.code import LONG, Purpose, read_typed
from identity.domain.keys import Keys
from identity.domain.limits import GUESSES
from identity.domain.secret import hash_secret, is_secret, reset_token
from identity.store import accounts, allowances, challenges, proofs
from identity.usecases.move_account import move_account
from newsreel_runtime.errors import ServiceError
from newsreel_runtime.transaction import Tx


@dataclass(frozen=True)
class Proven:
    """The address is proven, and nobody is signed in by it; a reset may go on with its token."""

    purpose: Purpose
    reset_token: str | None = field(default=None, repr=False)
    reset_expires_at: datetime | None = None


@dataclass(frozen=True)
class Refused:
    """Not proven. The caller commits (the guess was counted), then raises `problem`."""

    problem: ServiceError


async def verify_code(
    tx: Tx,
    challenge_id: UUID,
    secret: str,
    typed: str,
    *,
    keys: Keys,
    at: datetime,
    account_id: UUID | None = None,
) -> Proven | Refused:
    """Prove the address. The right code sent again by its browser gets the same answer again.

    A change of address is proven by its own account alone, `account_id`, whose addresses the caller has
    locked; nothing else is proven by an account. Other accounts fail as other browsers do.

    A long code proves the address to whatever browser asked for it, and cannot be guessed: no budget counts.
    """
    code = read_typed(typed)
    if code is None:
        return Refused(errors.not_a_code())
    challenge = await challenges.lock(tx, challenge_id)
    if challenge is None or (challenge.purpose == "address") != (account_id is not None):
        return Refused(errors.challenge_unknown())
    is_holder = is_secret(secret, challenge.secret_hash) and account_id in {None, challenge.account_id}
    is_long = len(code) == LONG
    if not is_holder and (is_long or challenge.is_over):
        return Refused(errors.code_refused())
    token = reset_token(challenge_id, secret)
    if is_long:
        return await _prove_by_long_code(tx, challenge, code, token=token, keys=keys, at=at)
    if challenge.is_over:
        was_right = has_code(challenge, code, keys.codes.get, challenge.proven_at or at)
        return _answer_again(challenge, token, at, was_right=was_right)
    return await _guess(tx, challenge, code if is_holder else None, token=token, keys=keys, at=at)


async def _prove_by_long_code(
    tx: Tx, challenge: Challenge, code: str, *, token: str, keys: Keys, at: datetime
) -> Proven | Refused:
    moment = challenge.proven_at or at
    alike = await challenges.find_alike(tx, challenge, moment)
    mailed = next((other for other in alike if has_code(other, code, keys.codes.get, moment)), None)
    if challenge.is_closed:
        return _answer_again(challenge, token, at, was_right=mailed is not None)
    if mailed is None or not challenge.can_prove:
        return Refused(errors.code_refused())
    return await _prove(tx, replace(challenge, address=mailed.address), token=token, keys=keys, at=at)


async def _guess(
    tx: Tx, challenge: Challenge, code: str | None, *, token: str, keys: Keys, at: datetime
) -> Proven | Refused:
    """`code` is None from another browser: that is a wrong guess, whatever was typed."""
    guesses = keys.buckets.guess(challenge.purpose, challenge.address_key)
    # Counted before it is compared, so that parallel guesses cannot slip through.
    spent = await allowances.spend(tx, guesses, GUESSES, at)
    if not spent.is_allowed:
        return Refused(errors.guess_budget_spent())
    if not (has_code(challenge, code or "", keys.codes.get, at) and challenge.can_prove):
        await challenges.count_wrong_guess(tx, challenge.challenge_id)
        return Refused(errors.code_refused())
    return await _prove(tx, challenge, token=token, keys=keys, at=at)


async def _prove(tx: Tx, challenge: Challenge, *, token: str, keys: Keys, at: datetime) -> Proven | Refused:
    # The owner is here: neither guesses nor mails of the purpose are used up any more.
    buckets = (keys.buckets.guess, keys.buckets.mail)
    await allowances.clear(tx, [of(challenge.purpose, challenge.address_key) for of in buckets])
    if challenge.purpose == "reset":
        return Proven("reset", token, await proofs.open_password(tx, challenge, hash_secret(token), at))
    if challenge.purpose == "address":
        moved = await move_account(tx, challenge, at)
        return Refused(errors.challenge_over()) if moved is None else Proven("address")
    account = await accounts.activate(tx, challenge, at)
    if account is None:
        return Refused(errors.challenge_over())
    await proofs.close_all(tx, account.account_id, challenge.challenge_id, at)
    outbound_events.account_verified(tx, account)
    return Proven("signup")


def _answer_again(challenge: Challenge, token: str, at: datetime, *, was_right: bool) -> Proven | Refused:
    """The earlier answer, for the code that proved the challenge. Any other code: the challenge is over."""
    if challenge.proven_at is not None and was_right:
        if challenge.purpose == "signup":
            return Proven("signup")
        if challenge.may_set_password(token, at):
            return Proven("reset", token, challenge.reset_expires_at)
    return Refused(errors.challenge_over())
