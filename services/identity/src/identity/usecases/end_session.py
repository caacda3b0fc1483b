"""Signing out."""

from identity import errors
from identity.domain.secret import hash_secret
from identity.store import sessions
from newsreel_runtime.transaction import Tx


async def end_session(tx: Tx, token: str) -> None:
    """End this session; its access tokens live out their 5 minutes.

    Raises `ServiceError` 401 session-ended when it is over already: the caller has what it wanted.
    """
    if await sessions.remove(tx, hash_secret(token)) is None:
        raise errors.session_ended()
