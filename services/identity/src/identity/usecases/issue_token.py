"""A session gets an access token."""

from dataclasses import dataclass, field
from datetime import datetime

from identity import errors
from identity.domain.access_token import TokenSigner
from identity.domain.account import Account
from identity.domain.secret import hash_secret
from identity.store import sessions
from newsreel_runtime.sql import Sql


@dataclass(frozen=True)
class Issued:
    """An access token and whose it is."""

    access_token: str = field(repr=False)
    account: Account


async def issue_token(sql: Sql, session_token: str, signer: TokenSigner, at: datetime) -> Issued:
    """Raises `ServiceError` 401 session-ended."""
    found = await sessions.find_live(sql, hash_secret(session_token), at)
    if found is None:
        raise errors.session_ended()
    session, account = found
    return Issued(signer.sign(account, session, at), account)
