"""Sessions."""

from datetime import datetime
from uuid import UUID

from identity.domain.access_token import Session
from identity.domain.account import Account
from identity.store.accounts import account_of
from newsreel_runtime.sql import Sql
from newsreel_runtime.transaction import Tx


async def add(tx: Tx, session: Session, token_hash: bytes, verified_hash: str | None) -> bool:
    """Begin a session; false, and nothing done, when the verified password is not the account's any more.

    It begins after the moment that ended the older ones, also when another machine's clock set that.
    """
    return bool(
        await tx.sql.fetchval(
            """
            INSERT INTO session (session_id, account_id, token_hash, created_at, expires_at)
            SELECT $1, account_id, $3, greatest($4, sessions_valid_after + interval '1 microsecond'), $5
            FROM account WHERE account_id = $2 AND status = 'active' AND password_hash = $6
            RETURNING true
            """,
            session.session_id,
            session.account_id,
            token_hash,
            session.created_at,
            session.expires_at,
            verified_hash,
        )
    )


async def find_live(sql: Sql, token_hash: bytes, at: datetime) -> tuple[Session, Account] | None:
    """The session of that token and its account, while both may act."""
    row = await sql.fetchrow(
        """
        SELECT session_id, created_at, expires_at,
               account_id, address, locale, status, roles, newsletter, sessions_valid_after
        FROM session JOIN account USING (account_id)
        WHERE token_hash = $1 AND expires_at > $2 AND status = 'active' AND created_at > sessions_valid_after
        """,
        token_hash,
        at,
    )
    if row is None:
        return None
    session = Session(row["session_id"], row["account_id"], row["created_at"], row["expires_at"])
    return session, account_of(row)


async def of_account(sql: Sql, account_id: UUID, at: datetime) -> list[Session]:
    """Those that live, oldest first."""
    rows = await sql.fetch(
        """
        SELECT session_id, account_id, created_at, expires_at FROM session
        WHERE account_id = $1 AND expires_at > $2 ORDER BY created_at
        """,
        account_id,
        at,
    )
    return [Session(*row) for row in rows]


async def remove(tx: Tx, token_hash: bytes) -> None:
    """End the session of that token; nothing when it is over already."""
    await tx.sql.execute("DELETE FROM session WHERE token_hash = $1", token_hash)
