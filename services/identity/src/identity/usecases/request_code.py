"""Somebody asks for a code: to register an address, or because its password was forgotten."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from identity import errors, outbound_events
from identity.domain.account import Account, Language
from identity.domain.address import Address
from identity.domain.challenge import Challenge
from identity.domain.code import Purpose
from identity.domain.keys import Keys
from identity.domain.limits import GUESS_RULES, free_at, mail_rules, retry_after
from identity.domain.secret import hash_secret, new_challenge_secret
from identity.store import accounts, allowances, challenges
from newsreel_runtime.ids import new_id
from newsreel_runtime.transaction import Tx


@dataclass(frozen=True)
class Requested:
    """A mail is on its way. The answer is the same for every address."""

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

    A browser whose `secret` has an open challenge for the address and purpose continues that challenge: with
    a new code, or when it is too early for another mail, with the code that is on its way.

    Raises `ServiceError` 429: too many mails, or no guesses left for what would be mailed.
    """
    await accounts.lock_address(tx, address.key)
    secret = secret or new_challenge_secret()
    secret_hash = hash_secret(secret)
    held = await challenges.lock_open(tx, purpose, address.key, secret_hash)
    if held is not None:
        asked = replace(held, address=address.stored, locale=locale)
        return await mail_code(tx, asked, secret, keys, at, is_repetition=at < held.latest.expires_at)
    asked = Challenge(new_id(), purpose, None, address.stored, address.key, locale, secret_hash)
    return await mail_code(tx, asked, secret, keys, at, is_repetition=False)


async def mail_code(
    tx: Tx, asked: Challenge, secret: str, keys: Keys, at: datetime, *, is_repetition: bool
) -> Requested:
    """The next code of a challenge; the older codes and the guess budget stay what they were.

    Too early for another mail, a repetition gets the answer of the last one. No mail goes whose code would be
    refused unseen. The caller has locked the address. Raises `ServiceError` 429.
    """
    guesses = await allowances.hits_of(tx.sql, keys.buckets.guess(asked.purpose, asked.address_key))
    if free_at(guesses, GUESS_RULES, at) > at:
        raise errors.guess_budget_spent(retry_after(guesses, GUESS_RULES, at))
    rules = mail_rules(asked.generation)
    spent = await allowances.spend(tx, keys.buckets.mail(asked.purpose, asked.address_key), rules, at)
    if spent.is_allowed:
        new_account_id = new_id()
        challenge, code = await challenges.add_code(tx, asked, keys.codes.current[0], at, new_account_id)
        if challenge.account_id == new_account_id:
            account = Account(new_account_id, asked.address, asked.locale, "unverified", (), False, at)
            outbound_events.account_registered(tx, account)
        outbound_events.mail_requested(tx, challenge, code)
    elif is_repetition:
        code = asked.latest
    else:
        raise errors.too_many_requests(retry_after(spent.hits, rules, at))
    wait = retry_after(spent.hits, mail_rules(code.number), at)
    return Requested(asked.challenge_id, secret, wait, code.expires_at)
