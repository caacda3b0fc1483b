"""Accounts: every statement returns the whole public state, so that its event can carry it."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from identity.domain.account import Account, Consent, Language
from identity.domain.challenge import Challenge
from identity.domain.password_hash import PasswordHash
from newsreel_runtime.sql import Row, Sql
from newsreel_runtime.transaction import Tx

COLUMNS = ", ".join(Account.__dataclass_fields__)
# All sessions of the account $1 end, also one that was begun by a machine whose clock is ahead of ours.
ALL_ENDED = """
sessions_valid_after = greatest(sessions_valid_after, {at},
    (SELECT max(created_at) FROM session WHERE session.account_id = $1))
"""


@dataclass(frozen=True)
class Credentials:
    """An account's id, the hash of its password, if it has one, and when its sessions ended."""

    account_id: UUID
    password_hash: PasswordHash | None = field(repr=False)
    sessions_valid_after: datetime


def account_of(row: Row) -> Account:
    values = {name: row[name] for name in Account.__dataclass_fields__}
    return Account(**values | {"roles": tuple(row["roles"])})


async def lock_address(tx: Tx, address_key: str) -> None:
    """Take the advisory lock of an address until the commit.

    It is the first statement of each use case that touches several rows of an address. So they cannot
    deadlock, and the statements that follow see everything that the previous holder committed.
    """
    await tx.sql.lock(address_key)


async def find_credentials(sql: Sql, address_key: str) -> Credentials | None:
    """The account of that address, whatever its status."""
    row = await sql.fetchrow(
        "SELECT account_id, sessions_valid_after, password_hash, password_key FROM account"
        " WHERE address_key = $1",
        address_key,
    )
    if row is None:
        return None
    account_id, valid_after, phc, key_id = row
    return Credentials(account_id, None if phc is None else PasswordHash(phc, key_id), valid_after)


async def activate(tx: Tx, challenge: Challenge, at: datetime) -> Account | None:
    """The challenge proved its address: the account gets that address, that password, and becomes active.

    Nothing when it is not unverified any more.
    """
    row = await tx.sql.fetchrow(
        f"""
        UPDATE account SET status = 'active', address = $2, locale = $3, verified_at = $4,
                           password_hash = $5, password_key = $6
        WHERE account_id = $1 AND status = 'unverified'
        RETURNING {COLUMNS}
        """,  # noqa: S608 (a constant)
        challenge.account_id,
        challenge.address,
        challenge.locale,
        at,
        challenge.pending_password_hash,
        challenge.pending_password_key,
    )
    return None if row is None else account_of(row)


async def replace_password(
    tx: Tx, proven: Challenge, new_hash: PasswordHash, at: datetime
) -> tuple[Account, bool]:
    """A new password, and no session from before. Says whether its address was not proven until now."""
    (row,) = await tx.sql.fetch(
        f"""
        WITH ended AS (DELETE FROM session WHERE account_id = $1),
        held AS (SELECT status AS old_status FROM account WHERE account_id = $1 FOR UPDATE)
        UPDATE account SET
            password_hash = $3,
            password_key = $5,
            {ALL_ENDED.format(at="$4")},
            address = CASE WHEN old_status = 'unverified' THEN $2 ELSE address END,
            status = CASE WHEN old_status = 'unverified' THEN 'active' ELSE status END,
            verified_at = coalesce(verified_at, $4)
        FROM held WHERE account_id = $1
        RETURNING {COLUMNS}, old_status
        """,  # noqa: S608 (a constant)
        proven.account_id,
        proven.address,
        new_hash.phc,
        at,
        new_hash.key_id,
    )
    return account_of(row), row["old_status"] == "unverified"


async def change_password(
    tx: Tx, account_id: UUID, verified_hash: PasswordHash, new_hash: PasswordHash, at: datetime
) -> Account | None:
    """A new password, and no session from before; nothing when it was changed meanwhile."""
    row = await tx.sql.fetchrow(
        f"""
        WITH changed AS (
            UPDATE account SET password_hash = $3, password_key = $5,
                               {ALL_ENDED.format(at="$4")}
            WHERE account_id = $1 AND status = 'active' AND password_hash = $2 RETURNING {COLUMNS}),
        ended AS (DELETE FROM session USING changed WHERE session.account_id = changed.account_id)
        SELECT * FROM changed
        """,  # noqa: S608 (a constant)
        account_id,
        verified_hash.phc,
        new_hash.phc,
        at,
        new_hash.key_id,
    )
    return None if row is None else account_of(row)


async def update_hash(tx: Tx, account_id: UUID, old: PasswordHash, new: PasswordHash) -> None:
    """The same password under today's parameters and key; nothing when it was changed meanwhile."""
    await tx.sql.execute(
        "UPDATE account SET password_hash = $3, password_key = $4"
        " WHERE account_id = $1 AND password_hash = $2",
        account_id,
        old.phc,
        new.phc,
        new.key_id,
    )


async def count_by_key(sql: Sql) -> dict[str, int]:
    """How many passwords went through each key of the pepper, those that wait for their code among them."""
    rows = await sql.fetch(
        """
        SELECT key_id, count(*) FROM (
            SELECT password_key FROM account
            UNION ALL SELECT pending_password_key FROM challenge WHERE closed_at IS NULL) AS held (key_id)
        WHERE key_id IS NOT NULL GROUP BY key_id ORDER BY key_id
        """
    )
    return {row["key_id"]: row["count"] for row in rows}


async def set_newsletter(
    tx: Tx, account_id: UUID, session_began: datetime | None, consent: Consent
) -> tuple[Account, bool] | None:
    """The account after it, and whether anything changed; a change is recorded as consent.

    Nothing when there is no such account, or the access of the session, if it takes one, has ended.
    """
    row = await tx.sql.fetchrow(
        """
        WITH held AS (
            SELECT account_id, newsletter AS old FROM account
            WHERE account_id = $1
              AND ($2::timestamptz IS NULL OR (status = 'active' AND sessions_valid_after < $2)) FOR UPDATE),
        recorded AS (
            INSERT INTO newsletter_consent (account_id, at, subscribed, how, wording)
            SELECT account_id, $4, $3, $5, $6 FROM held WHERE old <> $3)
        UPDATE account SET newsletter = $3 FROM held WHERE account.account_id = held.account_id
        RETURNING account.account_id, address, locale, status, roles, newsletter, sessions_valid_after, name,
                  old
        """,
        account_id,
        session_began,
        consent.subscribed,
        consent.at,
        consent.how,
        consent.wording,
    )
    return None if row is None else (account_of(row), row["old"] != consent.subscribed)


async def set_locale(tx: Tx, account_id: UUID, session_began: datetime, locale: Language) -> Account | None:
    """The account after a change of its language; nothing when it has that one, or its access has ended."""
    row = await tx.sql.fetchrow(
        f"""
        UPDATE account SET locale = $3
        WHERE account_id = $1 AND status = 'active' AND sessions_valid_after < $2 AND locale <> $3
        RETURNING {COLUMNS}
        """,  # noqa: S608 (a constant)
        account_id,
        session_began,
        locale,
    )
    return None if row is None else account_of(row)


async def set_name(tx: Tx, account_id: UUID, session_began: datetime, name: str | None) -> Account | None:
    """The account after a change of its name; nothing when it has that one, or its access has ended."""
    row = await tx.sql.fetchrow(
        f"""
        UPDATE account SET name = $3
        WHERE account_id = $1 AND status = 'active' AND sessions_valid_after < $2
          AND name IS DISTINCT FROM $3
        RETURNING {COLUMNS}
        """,  # noqa: S608 (a constant)
        account_id,
        session_began,
        name,
    )
    return None if row is None else account_of(row)


async def find_acting(sql: Sql, account_id: UUID, session_began: datetime) -> Account | None:
    """The account while it is active and the access of that session has not ended."""
    row = await sql.fetchrow(
        f"SELECT {COLUMNS} FROM account"  # noqa: S608 (a constant)
        " WHERE account_id = $1 AND status = 'active' AND sessions_valid_after < $2",
        account_id,
        session_began,
    )
    return None if row is None else account_of(row)


async def hold_acting(tx: Tx, account_id: UUID, session_began: datetime) -> Account | None:
    """As `find_acting`; the account is not deleted before the commit. The caller has locked an address."""
    row = await tx.sql.fetchrow(
        f"SELECT {COLUMNS} FROM account"  # noqa: S608 (a constant)
        " WHERE account_id = $1 AND status = 'active' AND sessions_valid_after < $2 FOR KEY SHARE",
        account_id,
        session_began,
    )
    return None if row is None else account_of(row)


async def end_sessions(tx: Tx, account_id: UUID, session_began: datetime, at: datetime) -> Account | None:
    """End all of them until now. Nothing when the access of the session that asks has ended."""
    row = await tx.sql.fetchrow(
        f"""
        WITH acting AS (
            UPDATE account SET {ALL_ENDED.format(at="$3")}
            WHERE account_id = $1 AND status = 'active' AND sessions_valid_after < $2 RETURNING {COLUMNS}),
        ended AS (DELETE FROM session USING acting WHERE session.account_id = acting.account_id)
        SELECT * FROM acting
        """,  # noqa: S608 (a constant)
        account_id,
        session_began,
        at,
    )
    return None if row is None else account_of(row)


async def remove(tx: Tx, account_id: UUID, verified_hash: PasswordHash) -> Account | None:
    """Delete the account with all that hangs on it; nothing when its password was changed meanwhile."""
    row = await tx.sql.fetchrow(
        f"DELETE FROM account WHERE account_id = $1 AND password_hash = $2 RETURNING {COLUMNS}",  # noqa: S608 (a constant)
        account_id,
        verified_hash.phc,
    )
    return None if row is None else account_of(row)


async def find_dates(sql: Sql, account_id: UUID) -> tuple[datetime, datetime | None]:
    """When it was registered, and when its address was proven."""
    row = await sql.fetchrow(
        "SELECT registered_at, verified_at FROM account WHERE account_id = $1", account_id
    )
    if row is None:
        raise LookupError("the account is gone")
    return row["registered_at"], row["verified_at"]


async def consents(sql: Sql, account_id: UUID) -> list[Consent]:
    """Every change of the newsletter, oldest first."""
    rows = await sql.fetch(
        "SELECT subscribed, at, how, wording FROM newsletter_consent"
        " WHERE account_id = $1 ORDER BY consent_id",
        account_id,
    )
    return [Consent(**row) for row in rows]


async def lock_next(tx: Tx, after: UUID, limit: int) -> list[Account]:
    """The accounts with the next ids, as they stay until the commit; sessions and challenges may be added."""
    rows = await tx.sql.fetch(
        f"""
        SELECT {COLUMNS} FROM account WHERE account_id > $1 ORDER BY account_id LIMIT $2
        FOR NO KEY UPDATE
        """,  # noqa: S608 (a constant)
        after,
        limit,
    )
    return [account_of(row) for row in rows]


async def remove_unproven(tx: Tx, limit: int) -> list[Account]:
    """Delete accounts that were never proven and whose last challenge is gone; they are returned.

    The rows are locked first: a registration that holds one, or waits for one, keeps or makes its account.
    """
    held = await tx.sql.fetch(
        """
        SELECT account_id FROM account WHERE status = 'unverified'
          AND NOT EXISTS (SELECT FROM challenge WHERE challenge.account_id = account.account_id)
        LIMIT $1 FOR UPDATE SKIP LOCKED
        """,
        limit,
    )
    removed = await tx.sql.fetch(
        f"""
        DELETE FROM account WHERE account_id = ANY ($1::uuid[])
          AND NOT EXISTS (SELECT FROM challenge WHERE challenge.account_id = account.account_id)
        RETURNING {COLUMNS}
        """,  # noqa: S608 (a constant)
        [row["account_id"] for row in held],
    )
    return [account_of(row) for row in removed]
