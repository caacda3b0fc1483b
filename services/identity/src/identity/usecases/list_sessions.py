"""The person asks where the account is signed in."""

from datetime import datetime
from uuid import UUID

from identity import errors
from identity.domain.session import Session
from identity.store import accounts, sessions
from newsreel_runtime.sql import Sql


async def list_sessions(sql: Sql, account_id: UUID, session_began: datetime, at: datetime) -> list[Session]:
    """Those that live, the one that was used last first. Raises `ServiceError` 401 session-ended."""
    if await accounts.find_acting(sql, account_id, session_began) is None:
        raise errors.session_ended()
    return await sessions.of_account(sql, account_id, at)
