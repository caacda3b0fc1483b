"""A session begins, for a password that was verified."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from identity.domain.keys import Keys
from identity.domain.password_hash import PasswordHash
from identity.domain.secret import hash_secret
from identity.domain.session import IDLE, Session, make_token, new_seed
from identity.store import sessions
from newsreel_runtime.ids import new_id
from newsreel_runtime.transaction import Tx


@dataclass(frozen=True)
class Started:
    """The session's token, given out once; and what the browser is known by from now on."""

    token: str = field(repr=False)
    expires_at: datetime
    known_browser: str = field(repr=False)


@dataclass(frozen=True)
class Browser:
    """`nonce` makes it known for the address; `name` is how the person may recognise it in a list."""

    nonce: str = field(repr=False)
    name: str | None = None


async def begin_session(
    tx: Tx,
    account_id: UUID,
    address_key: str,
    verified_hash: PasswordHash,
    browser: Browser,
    *,
    keys: Keys,
    at: datetime,
) -> Started | None:
    """Nothing when the account is not active or its password was changed meanwhile."""
    seed = new_seed()
    session = Session(new_id(), account_id, at, at + IDLE, seed, browser=browser.name)
    token = make_token(keys.sessions, session.session_id, seed, session.generation)
    if not await sessions.add(tx, session, hash_secret(token), verified_hash):
        return None
    return Started(token, session.expires_at, keys.buckets.known_browser(address_key, browser.nonce))
