"""Signing out."""

from identity.domain.secret import hash_secret
from identity.store import sessions
from newsreel_runtime.transaction import Tx


async def end_session(tx: Tx, token: str) -> None:
    """End this session; ending one that is over is fine. Access tokens live out their 5 minutes."""
    await sessions.remove(tx, hash_secret(token))
