"""Somebody forgot the password of an address."""

from datetime import datetime

from identity import outbound_events
from identity.domain.account import Language
from identity.domain.address import Address
from identity.domain.challenge import Challenge, Generation
from identity.domain.limits import MAIL_RULES, Buckets
from identity.domain.secret import hash_secret, new_challenge_secret
from identity.store import challenges
from identity.usecases.request_code import Requested, requested, spend_mail
from newsreel_runtime.ids import new_id
from newsreel_runtime.keyring import KeyRing
from newsreel_runtime.transaction import Tx


async def request_reset(
    tx: Tx, address: Address, *, locale: Language, keys: KeyRing, buckets: Buckets, at: datetime
) -> Requested:
    """A challenge and a mail, whatever the address: a code, or where there is no account a notice.

    Raises `ServiceError` 429.
    """
    hits = await spend_mail(tx, buckets.mail("reset", address.key), MAIL_RULES, at)
    secret = new_challenge_secret()
    asked = Challenge(
        challenge_id=new_id(),
        purpose="reset",
        account_id=None,
        address=address.stored,
        address_key=address.key,
        locale=locale,
        secret_hash=hash_secret(secret),
    )
    code = Generation(asked.generation, keys.current[0], at)
    challenge = await challenges.open_reset(tx, asked, code)
    outbound_events.mail_requested(tx, challenge, code)
    return requested(challenge.challenge_id, secret, code, hits, at)
