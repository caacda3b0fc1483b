"""Somebody registers an address."""

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


async def register_account(
    tx: Tx, address: Address, *, locale: Language, keys: KeyRing, buckets: Buckets, at: datetime
) -> Requested:
    """A challenge and a mail, whatever the address: a code, or to the owner of a taken one a notice.

    The password comes later (`keep_password`), so that the mail does not wait for its hash.
    Raises `ServiceError` 429.
    """
    hits = await spend_mail(tx, buckets.mail("signup", address.key), MAIL_RULES, at)
    secret = new_challenge_secret()
    asked = Challenge(
        challenge_id=new_id(),
        purpose="signup",
        account_id=None,
        address=address.stored,
        address_key=address.key,
        locale=locale,
        secret_hash=hash_secret(secret),
    )
    code = Generation(asked.generation, keys.current[0], at)
    new_account_id = new_id()
    account, challenge = await challenges.open_signup(tx, asked, new_account_id, code)
    if account.account_id == new_account_id:
        outbound_events.account_registered(tx, account)
    outbound_events.mail_requested(tx, challenge, code)
    return requested(challenge.challenge_id, secret, code, hits, at)
