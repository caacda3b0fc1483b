"""Sessions."""

from datetime import datetime
from uuid import UUID

from identity.domain.account import Account
from identity.domain.password_hash import PasswordHash
from identity.domain.session import Session
from identity.store.accounts import account_of
from newsreel_runtime.sql import Row, Sql
from newsreel_runtime.transaction import Tx

_COLUMNS = ", ".join(Session.__dataclass_fields__)


def _session_of(row: Row) -> Session:
    return Session(**{name: row[name] for name in Session.__dataclass_fields__})


async def add(tx: Tx, session: Session, token_hash: bytes, verified_hash: PasswordHash) -> bool:
    """Begin a session; false, and nothing done, when the verified password is not the account's any more.

    It begins after the moment that ended the older ones, also when another machine's clock set that.
    """
    return bool(
        await tx.sql.fetchval(
            """
            INSERT INTO session (session_id, account_id, token_hash, created_at, expires_at, seed, browser)
            SELECT $1, account_id, $3, greatest($4, sessions_valid_after + interval '1 microsecond'), $5,
                   $7, $8
            FROM account WHERE account_id = $2 AND status = 'active' AND password_hash = $6
            RETURNING true
            """,
            session.session_id,
            session.account_id,
            token_hash,
            session.created_at,
            session.expires_at,
            verified_hash.phc,
            session.seed,
            session.browser,
        )
    )


async def find_live(
    sql: Sql, session_id: UUID | None, token_hash: bytes, at: datetime
) -> tuple[Session, Account] | None:
    """That session, or the one of that token, and its account, while both may act."""
    column, key = ("token_hash", token_hash) if session_id is None else ("session_id", session_id)
    row = await sql.fetchrow(
        f"""
        SELECT {_COLUMNS}, address, locale, status, roles, newsletter, sessions_valid_after, name
        FROM session JOIN account USING (account_id)
        WHERE {column} = $1
          AND expires_at > $2 AND status = 'active' AND created_at > sessions_valid_after
        """,  # noqa: S608 (constants)
        key,
        at,
    )
    return None if row is None else (_session_of(row), account_of(row))


async def use(tx: Tx, session: Session, generation: int, token_hash: bytes, at: datetime) -> None:
    """The token of that generation is used; the first time it becomes the current one."""
    await tx.sql.execute(
        """
        UPDATE session SET
            used_at = $4,
            expires_at = $5,
            generation = greatest(generation, $2),
            renewed_at = CASE WHEN generation < $2 THEN $4 ELSE renewed_at END,
            token_hash = CASE WHEN generation < $2 THEN $3 ELSE token_hash END
        WHERE session_id = $1
        """,
        session.session_id,
        generation,
        token_hash,
        at,
        session.ends_when_used(at),
    )


async def of_account(sql: Sql, account_id: UUID, at: datetime) -> list[Session]:
    """Those that live, the one that was used last first."""
    rows = await sql.fetch(
        f"""
        SELECT {_COLUMNS} FROM session
        WHERE account_id = $1 AND expires_at > $2 ORDER BY coalesce(used_at, created_at) DESC
        """,  # noqa: S608 (a constant)
        account_id,
        at,
    )
    return [_session_of(row) for row in rows]


async def remove(tx: Tx, session_id: UUID) -> None:
    """End the session; nothing when it is over already."""
    await tx.sql.execute("DELETE FROM session WHERE session_id = $1", session_id)


async def remove_of_account(tx: Tx, account_id: UUID, session_id: UUID) -> None:
    """End it when it is one of that account's."""
    await tx.sql.execute(
        "DELETE FROM session WHERE session_id = $1 AND account_id = $2", session_id, account_id
    )
