"""The person types the code that went to the new address: the account has it from now on."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from identity import errors
from identity.domain.address import parse_address
from identity.domain.keys import Keys
from identity.domain.network import Origin
from identity.domain.secret import new_challenge_secret
from identity.store import accounts, addresses, sessions
from identity.usecases.begin_session import Browser, Started, begin_session
from identity.usecases.verify_code import Refused, verify_code
from newsreel_runtime.transaction import Tx


@dataclass(frozen=True)
class Acting:
    """The account and the session of an access token, and where it comes from."""

    account_id: UUID
    session_id: UUID
    origin: Origin


@dataclass(frozen=True)
class Typed:
    """A code, and proof that this browser asked for it."""

    challenge_id: UUID
    secret: str = field(repr=False)
    code: str = field(repr=False)


async def change_address(
    tx: Tx, typed: Typed, acting: Acting, *, keys: Keys, at: datetime
) -> Started | Refused:
    """Every session ends and this browser goes on with a new one, known at the new address.

    The caller commits a refusal (the guess was counted), then raises it. Raises `ServiceError` 401
    session-ended: also for a session that was signed out, whose token still lives.
    """
    new_key = await addresses.lock_change(tx, typed.challenge_id, acting.account_id)
    live = await sessions.find_live(tx.sql, acting.session_id, b"", at)
    if live is None or live[1].account_id != acting.account_id:
        raise errors.session_ended()
    outcome = await verify_code(
        tx, typed.challenge_id, typed.secret, typed.code, keys=keys, at=at, account_id=acting.account_id
    )
    if isinstance(outcome, Refused) or new_key is None:
        return outcome if isinstance(outcome, Refused) else Refused(errors.challenge_unknown())
    known = await accounts.find_credentials(tx.sql, new_key)
    nonce = keys.buckets.nonce_of(acting.origin.known_browser, parse_address(live[1].address).key)
    browser = Browser(nonce or new_challenge_secret(), acting.origin.browser)
    if known is None or known.password_hash is None:
        raise errors.session_ended()
    started = await begin_session(
        tx, acting.account_id, new_key, known.password_hash, browser, keys=keys, at=at
    )
    if started is None:
        raise errors.session_ended()
    return started
