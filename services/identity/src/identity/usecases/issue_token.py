"""A session gets an access token."""

from datetime import datetime

from identity import errors
from identity.domain.access_token import TokenSigner
from identity.domain.account import Account
from identity.domain.secret import hash_secret
from identity.store import sessions
from newsreel_runtime.sql import Sql


async def issue_token(sql: Sql, token: str, signer: TokenSigner, at: datetime) -> tuple[str, Account]:
    """An access token and whose it is. Raises `ServiceError` 401 session-ended."""
    live = await sessions.find_live(sql, hash_secret(token), at)
    if live is None:
        raise errors.session_ended()
    session, account = live
    return signer.sign(account, session, at), account
