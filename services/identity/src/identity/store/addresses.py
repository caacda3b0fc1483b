"""Changes of an account's address."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from identity.domain.account import Account
from identity.domain.challenge import Challenge
from identity.store.accounts import ALL_ENDED, COLUMNS, account_of
from newsreel_runtime.sql import Sql
from newsreel_runtime.transaction import Tx

_REMEMBERED = timedelta(days=30)  # for whom the account was taken away from


@dataclass(frozen=True)
class FormerAddress:
    """An account had this address `until` then."""

    account_id: UUID
    address: str = field(repr=False)
    until: datetime


async def lock_change(tx: Tx, challenge_id: UUID, account_id: UUID) -> str | None:
    """Lock both addresses of a change until the commit, in one order for all; the key of the new one.

    None: there is no such challenge.
    """
    await tx.sql.execute(
        """
        WITH wanted AS MATERIALIZED (
            SELECT DISTINCT hashtextextended(address_key, 0) AS lock FROM (
                SELECT address_key FROM account WHERE account_id = $2
                UNION SELECT address_key FROM challenge WHERE challenge_id = $1) AS held ORDER BY lock)
        SELECT pg_advisory_xact_lock(lock) FROM wanted
        """,
        challenge_id,
        account_id,
    )
    key: str | None = await tx.sql.fetchval(
        "SELECT address_key FROM challenge WHERE challenge_id = $1", challenge_id
    )
    return key


async def change_address(tx: Tx, proven: Challenge, at: datetime) -> tuple[Account, str | None] | None:
    """The proven address, and no session from before; with it the former one, if that is another mailbox.

    Nothing when the account is not active any more, or another one has the address. The caller has locked
    both addresses.
    """
    row = await tx.sql.fetchrow(
        f"""
        WITH held AS (
            SELECT address AS former, address_key AS former_key FROM account WHERE account_id = $1
            FOR UPDATE),
        changed AS (
            UPDATE account SET address = $2, address_key = $3, verified_at = $4,
                               {ALL_ENDED.format(at="$4")}
            FROM held
            WHERE account_id = $1 AND status = 'active'
              AND NOT EXISTS (SELECT FROM account WHERE address_key = $3 AND account_id <> $1)
            RETURNING {COLUMNS}, nullif(former_key, $3) AS former_key,
                      CASE WHEN former_key <> $3 THEN former END AS former),
        remembered AS (
            INSERT INTO former_address (change_id, account_id, address, address_key, until, forget_at)
            SELECT $5, account_id, former, former_key, $4, $4 + $6::interval FROM changed
            WHERE former IS NOT NULL),
        ended AS (DELETE FROM session USING changed WHERE session.account_id = changed.account_id)
        SELECT * FROM changed
        """,  # noqa: S608 (a constant)
        proven.account_id,
        proven.address,
        proven.address_key,
        at,
        proven.challenge_id,
        _REMEMBERED,
    )
    return None if row is None else (account_of(row), row["former"])


async def remove_unverified(tx: Tx, address_key: str) -> Account | None:
    """Delete the account of an address that nobody has proven. The caller has locked the address."""
    row = await tx.sql.fetchrow(
        f"DELETE FROM account WHERE address_key = $1 AND status = 'unverified' RETURNING {COLUMNS}",  # noqa: S608 (a constant)
        address_key,
    )
    return None if row is None else account_of(row)


async def former_of(sql: Sql, account_id: UUID | None, address_key: str | None) -> list[FormerAddress]:
    """The former addresses of that account, or the accounts that had that address; the latest first."""
    rows = await sql.fetch(
        "SELECT account_id, address, until FROM former_address"
        " WHERE account_id = $1 OR address_key = $2 ORDER BY until DESC",
        account_id,
        address_key,
    )
    return [FormerAddress(**row) for row in rows]
