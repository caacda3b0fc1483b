"""A session gets an access token."""

from dataclasses import dataclass, field
from datetime import datetime

import asyncpg

from identity import errors
from identity.domain.access_token import TokenSigner
from identity.domain.account import Account
from identity.domain.secret import hash_secret
from identity.store import sessions


@dataclass(frozen=True)
class Issued:
    """An access token and whose it is."""

    access_token: str = field(repr=False)
    account: Account


async def issue_token(
    connection: asyncpg.Connection, session_token: str, signer: TokenSigner, at: datetime
) -> Issued:
    """Raises `ServiceError` 401 session-ended."""
    found = await sessions.find_live(connection, hash_secret(session_token), at)
    if found is None:
        raise errors.session_ended()
    session, account = found
    return Issued(signer.sign(account, session, at), account)
