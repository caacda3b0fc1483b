"""Accounts as operators see and change them, and the record of what they did, to clients too."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from identity.domain.account import Account
from identity.domain.act import Act, Note
from identity.store.accounts import COLUMNS, account_of
from newsreel_runtime.sql import Sql
from newsreel_runtime.transaction import Tx


@dataclass(frozen=True)
class Done:
    """One act, as it was recorded."""

    at: datetime
    operator: str
    done: str
    reason: str


async def find(sql: Sql, account_id: UUID | None, address_key: str | None) -> Account | None:
    """The account of that id or that address, whatever its status."""
    row = await sql.fetchrow(
        f"SELECT {COLUMNS} FROM account WHERE account_id = $1 OR address_key = $2",  # noqa: S608 (a constant)
        account_id,
        address_key,
    )
    return None if row is None else account_of(row)


async def hold(tx: Tx, account_id: UUID) -> Account | None:
    """The account as it stays until the commit; no session begins meanwhile.

    It ends its sessions at the latest moment that one of them began: other machines have other clocks.
    """
    await tx.sql.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(address_key, 0)) FROM account WHERE account_id = $1",
        account_id,
    )
    await tx.sql.execute("SELECT FROM account WHERE account_id = $1 FOR UPDATE", account_id)
    row = await tx.sql.fetchrow(
        """
        SELECT account_id, address, locale, status, roles, newsletter, name, greatest(sessions_valid_after,
            (SELECT max(created_at) FROM session WHERE session.account_id = account.account_id)
        ) AS sessions_valid_after
        FROM account WHERE account_id = $1
        """,
        account_id,
    )
    return None if row is None else account_of(row)


async def save(tx: Tx, account: Account, act: Act) -> None:
    """Change what the act changed, or delete the account with all that hangs on it; record it."""
    gone = "account" if account.status == "deleted" else "session"
    await tx.sql.execute(f"DELETE FROM {gone} WHERE account_id = $1", account.account_id)  # noqa: S608 (constants)
    await tx.sql.execute(
        "UPDATE account SET status = $2, roles = $3, sessions_valid_after = $4 WHERE account_id = $1",
        account.account_id,
        account.status,
        list(account.roles),
        account.sessions_valid_after,
    )
    record(tx, account.account_id, act.note, act.done)


def record(tx: Tx, account_id: UUID, note: Note, done: str) -> None:
    """Keep who did what to the account or the client, and why."""
    tx.write(
        "INSERT INTO account_act (account_id, at, operator, done, reason) VALUES ($1, $2, $3, $4, $5)",
        account_id,
        note.at,
        note.operator,
        done,
        note.reason,
    )


async def of_account(sql: Sql, account_id: UUID) -> list[Done]:
    """What was done to the account or client, oldest first."""
    rows = await sql.fetch(
        "SELECT at, operator, done, reason FROM account_act WHERE account_id = $1 ORDER BY act_id", account_id
    )
    return [Done(**row) for row in rows]
