"""Somebody asks for a code: for a new account, a forgotten password, or another address."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from identity import outbound_events
from identity.domain.account import Account, Language
from identity.domain.address import Address
from identity.domain.challenge import CODE_CAP, Challenge, Generation
from identity.domain.code import Purpose
from identity.domain.keys import Keys
from identity.domain.limits import is_under_pressure, mails, retry_after
from identity.domain.network import Origin
from identity.domain.secret import hash_secret, new_challenge_secret
from identity.store import accounts, allowances, challenges, codes
from identity.usecases.admit_network import admit_network
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
    origin: Origin,
    keys: Keys,
    at: datetime,
    account_id: UUID | None = None,
) -> Requested:
    """A challenge and a mail, whatever the address: a code, or for a decoy a notice to the address's owner.

    A browser whose `secret` has an open challenge for the address and purpose continues that challenge: with
    a new code, or when it is too early for another mail, with the code that is on its way.

    No address is refused: when others used up its mails, the last one has a long code, which lives and works
    in this browser, too. `account_id` asks for another address, and is held until the commit.

    Raises `ServiceError` 429 when the network asked for too many.
    """
    await accounts.lock_address(tx, address.key)
    await admit_network(tx, origin, address.key, keys.buckets, at)
    is_known = secret is not None
    secret = secret or new_challenge_secret()
    secret_hash = hash_secret(secret)
    asked = Challenge(new_id(), purpose, account_id, address.stored, address.key, locale, secret_hash)
    held = await challenges.lock_open(tx, asked) if is_known else None
    if held is not None:
        asked = replace(held, address=address.stored, locale=locale)
    code, hits = await mail_code(tx, asked, keys, at)
    if code is None and held is not None and at < held.latest.expires_at:
        code = held.latest
    elif code is None:
        kid = keys.codes.current[0]
        if asked.generation == 0 or asked.is_decoy:
            # Only a new code looks at the account: this one is over, and mailed to nobody.
            await _add_code(tx, asked, kid, at - CODE_CAP)
            codes.record_fate(tx, asked.challenge_id, 1, "earlier")
        await challenges.keep(tx, asked.challenge_id, at + CODE_CAP)
        code = Generation(max(asked.generation, 1), kid, at)
    return answer(asked, secret, code, hits, at)


async def mail_code(
    tx: Tx, asked: Challenge, keys: Keys, at: datetime
) -> tuple[Generation | None, Sequence[datetime]]:
    """The next code of a challenge, or None when it is too early for another mail; when mails went.

    The older codes and the guess budget stay what they were. Under pressure the code is a long one, since a
    short one might be refused unseen. The caller has locked the address.
    """
    mailed = keys.buckets.mail(asked.purpose, asked.address_key)
    guessed = keys.buckets.guess(asked.purpose, asked.address_key)
    spent = await allowances.spend(tx, mailed, mails(asked.generation), at, beside=guessed)
    if not spent.is_allowed:
        return None, spent.hits
    challenge, code = await _add_code(tx, asked, keys.codes.current[0], at)
    is_long = is_under_pressure(spent.hits[:-1], spent.beside, at)
    outbound_events.mail_requested(tx, challenge, code, is_long=is_long)
    return code, spent.hits


async def _add_code(tx: Tx, asked: Challenge, kid: str, at: datetime) -> tuple[Challenge, Generation]:
    new_account_id = new_id()
    challenge, code = await challenges.add_code(tx, asked, kid, at, new_account_id)
    if challenge.account_id == new_account_id:
        account = Account(new_account_id, asked.address, asked.locale, "unverified", (), False, at)
        outbound_events.account_registered(tx, account)
    return challenge, code


def answer(
    asked: Challenge, secret: str, code: Generation, hits: Sequence[datetime], at: datetime
) -> Requested:
    """What the browser is told, as if `code` had just been mailed to it."""
    wait = retry_after(hits, mails(code.number), at)
    return Requested(asked.challenge_id, secret, wait, code.expires_at)
