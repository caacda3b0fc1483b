"""A session gets an access token, and when it is time its next session token."""

import logging
from dataclasses import dataclass, field
from datetime import datetime

from identity import errors
from identity.domain.access_token import TokenSigner
from identity.domain.account import Account
from identity.domain.secret import hash_secret
from identity.domain.session import make_token
from identity.store import sessions
from identity.usecases.find_session import Held, find_session
from newsreel_runtime.database import Database
from newsreel_runtime.keyring import KeyRing

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Issued:
    """An access token, and whose it is. `session_token`, if there is one, stands for the session from now on.

    `expires_at` is the end of the session unless it is used again.
    """

    access_token: str = field(repr=False)
    account: Account
    expires_at: datetime
    session_token: str | None = field(default=None, repr=False)


async def issue_token(
    database: Database, token: str, keys: KeyRing, signer: TokenSigner, at: datetime
) -> Issued:
    """Raises `ServiceError` 401 session-ended: also for a token whose successor somebody went on with.

    Then the session ends for both: one of them is not its owner (RFC 9700 §4.14.2).
    """
    async with database.read() as sql:
        held = await find_session(sql, token, keys, at)
    if held is None:
        raise errors.session_ended()
    session = held.session
    access_token = signer.sign(held.account, session, at)
    if session.seed is None:
        return Issued(access_token, held.account, session.expires_at)
    standing = session.standing(held.generation, at)
    if standing == "reused":
        async with database.begin() as tx:
            await sessions.remove(tx, session.session_id)
        _log.warning("ended a session: one of its tokens came back after its successor was used")
        raise errors.session_ended()
    is_noted = standing == "next" or (standing == "current" and session.is_seen_anew(at))
    if is_noted:
        async with database.begin() as tx:
            await sessions.use(tx, session, held.generation, hash_secret(token), at)
    expires_at = session.ends_when_used(at) if is_noted else session.expires_at
    wanted = _wanted(held, at)
    successor = None if wanted is None else make_token(keys, session.session_id, session.seed, wanted)
    return Issued(access_token, held.account, expires_at, successor)


def _wanted(held: Held, at: datetime) -> int | None:
    """The generation that the client should hold instead of the one that it brought."""
    session = held.session
    if held.generation < session.generation:
        return session.generation
    is_current = held.generation == session.generation
    return held.generation + 1 if is_current and session.is_due(at) else None
