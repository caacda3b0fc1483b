"""Somebody asks for a code: to register an address, or because its password was forgotten."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from identity import errors, outbound_events
from identity.domain.account import Language
from identity.domain.address import Address
from identity.domain.challenge import Challenge, Generation
from identity.domain.code import Purpose
from identity.domain.keys import Keys
from identity.domain.limits import GUESS_RULES, MAIL_RULES, free_at, resend_rules, retry_after
from identity.domain.secret import hash_secret, new_challenge_secret
from identity.store import accounts, allowances, challenges
from newsreel_runtime.ids import new_id
from newsreel_runtime.transaction import Tx


@dataclass(frozen=True)
class Requested:
    """A mail is on its way. It is the same for every address."""

    challenge_id: UUID
    challenge_secret: str = field(repr=False)
    resend_after_seconds: int
    code_expires_at: datetime


async def request_code(
    tx: Tx,
    purpose: Purpose,
    address: Address,
    *,
    locale: Language,
    secret: str | None,
    keys: Keys,
    at: datetime,
) -> Requested:
    """A challenge and a mail, whatever the address: a code, or for a decoy a notice to the address's owner.

    A browser that has an open challenge for the address and purpose (`secret`) goes on with that one: with a
    new code, or when it is too early for another mail, with the code that is on its way.

    Raises `ServiceError` 429: too many mails, or no guesses left for what would be mailed.
    """
    await accounts.lock_address(tx, address.key)
    secret = secret or new_challenge_secret()
    secret_hash = hash_secret(secret)
    held = await challenges.lock_open(tx, purpose, address.key, secret_hash)
    if held is not None:
        asked = replace(held, address=address.stored, locale=locale)
        return await go_on(tx, asked, secret, keys, at, is_repetition=at < held.latest.expires_at)
    await _check_guesses(tx, keys.buckets.guess(purpose, address.key), at)
    spent = await allowances.spend(tx, keys.buckets.mail(purpose, address.key), MAIL_RULES, at)
    if not spent.is_allowed:
        raise errors.too_many_requests(retry_after(spent.hits, MAIL_RULES, at))
    code = Generation(1, keys.codes.current[0], at)
    asked = Challenge(
        challenge_id=new_id(),
        purpose=purpose,
        account_id=None,
        address=address.stored,
        address_key=address.key,
        locale=locale,
        secret_hash=secret_hash,
    )
    new_account_id = new_id()
    challenge, account = await challenges.open_challenge(tx, asked, code, new_account_id)
    if account is not None and account.account_id == new_account_id:
        outbound_events.account_registered(tx, account)
    outbound_events.mail_requested(tx, challenge, code)
    return _requested(challenge, secret, code, spent.hits, at)


async def go_on(
    tx: Tx, asked: Challenge, secret: str, keys: Keys, at: datetime, *, is_repetition: bool
) -> Requested:
    """One more code of an open challenge; the older codes and the guess budget stay what they were.

    Too early for another mail, a repetition gets the answer of the last one. The caller locks the address.
    """
    await _check_guesses(tx, keys.buckets.guess(asked.purpose, asked.address_key), at)
    rules = resend_rules(asked.generation)
    spent = await allowances.spend(tx, keys.buckets.mail(asked.purpose, asked.address_key), rules, at)
    if not spent.is_allowed:
        if is_repetition:
            return _requested(asked, secret, asked.latest, spent.hits, at)
        raise errors.too_many_requests(retry_after(spent.hits, rules, at))
    challenge, code = await challenges.renew(tx, asked, keys.codes.current[0], at)
    outbound_events.mail_requested(tx, challenge, code)
    return _requested(challenge, secret, code, spent.hits, at)


async def _check_guesses(tx: Tx, bucket: bytes, at: datetime) -> None:
    """No mail whose code would not be looked at."""
    hits = await allowances.hits_of(tx.sql, bucket)
    if free_at(hits, GUESS_RULES, at) > at:
        raise errors.guess_budget_spent(retry_after(hits, GUESS_RULES, at))


def _requested(
    challenge: Challenge, secret: str, code: Generation, hits: tuple[datetime, ...], at: datetime
) -> Requested:
    """What is true of the code now; the mail server's answer may move its end."""
    wait = retry_after(hits, resend_rules(code.number), at)
    return Requested(challenge.challenge_id, secret, wait, code.expires_at)
