"""Challenges: opened, guessed at, purged."""

from datetime import datetime
from uuid import UUID

import asyncpg

from identity.domain.account import Account
from identity.domain.challenge import CODE_CAP, Challenge, Generation
from identity.store.accounts import account_of
from newsreel_runtime.transaction import Tx

# `known` takes the row's lock on every path, so that a taken address costs what a new one costs.
_OPEN_SIGNUP = """
WITH known AS (
    INSERT INTO account AS held
        (account_id, address, address_key, locale, status, sessions_valid_after, registered_at)
    VALUES ($1, $2, $3, $4, 'unverified', $5, $5)
    ON CONFLICT (address_key) DO UPDATE SET address_key = excluded.address_key
    RETURNING account_id, address, locale, status, roles, newsletter, sessions_valid_after,
              held.status = 'unverified' AS is_open),
opened AS (
    INSERT INTO challenge
        (challenge_id, purpose, account_id, address, address_key, locale, secret_hash, purge_after)
    SELECT $6, 'signup', CASE WHEN is_open THEN account_id END, CASE WHEN is_open THEN $2 ELSE address END,
           $3, CASE WHEN is_open THEN $4 ELSE locale END, $7, $9 FROM known),
code AS (
    INSERT INTO challenge_code (challenge_id, generation, kid, requested_at) VALUES ($6, 1, $8, $5))
SELECT account_id, address, locale, status, roles, newsletter, sessions_valid_after FROM known
"""

# A proven address is mailed as it is stored; one that is not proven, as it was typed now.
_OPEN_RESET = """
WITH known AS (
    SELECT account_id, CASE status WHEN 'active' THEN address ELSE $1 END AS address, locale
    FROM account WHERE address_key = $2 AND status IN ('unverified', 'active')),
opened AS (
    INSERT INTO challenge
        (challenge_id, purpose, account_id, address, address_key, locale, secret_hash, purge_after)
    SELECT $4, 'reset', known.account_id, coalesce(known.address, $1), $2, coalesce(known.locale, $3), $6, $8
    FROM (VALUES (1)) AS always LEFT JOIN known ON true
    RETURNING account_id, address, locale),
code AS (
    INSERT INTO challenge_code (challenge_id, generation, kid, requested_at) VALUES ($4, 1, $7, $5))
SELECT account_id, address, locale FROM opened
"""

_FIND = """
SELECT challenge_id, purpose, account_id, address, address_key, locale, secret_hash, generation,
       wrong_guesses, pending_password_hash, closed_at IS NOT NULL AS is_closed,
       ARRAY(SELECT (code.generation, code.kid, code.requested_at, code.accepted_at)
             FROM challenge_code AS code WHERE code.challenge_id = challenge.challenge_id
             ORDER BY code.generation) AS generations
FROM challenge WHERE challenge_id = $1
"""


def _challenge_of(row: asyncpg.Record) -> Challenge:
    return Challenge(
        challenge_id=row["challenge_id"],
        purpose=row["purpose"],
        account_id=row["account_id"],
        address=row["address"],
        address_key=row["address_key"],
        locale=row["locale"],
        secret_hash=row["secret_hash"],
        generation=row["generation"],
        wrong_guesses=row["wrong_guesses"],
        pending_password_hash=row["pending_password_hash"],
        is_closed=row["is_closed"],
        generations=tuple(Generation(*one) for one in row["generations"]),
    )


async def open_signup(
    tx: Tx, asked: Challenge, new_account_id: UUID, code: Generation
) -> tuple[Account, Challenge]:
    """Make the account if the address is new, and a challenge: a decoy for a taken address."""
    row = await tx.sql.fetchrow(
        _OPEN_SIGNUP,
        new_account_id,
        asked.address,
        asked.address_key,
        asked.locale,
        code.requested_at,
        asked.challenge_id,
        asked.secret_hash,
        code.kid,
        code.requested_at + CODE_CAP,
    )
    account = account_of(row)
    is_open = account.status == "unverified"
    opened = Challenge(
        challenge_id=asked.challenge_id,
        purpose="signup",
        account_id=account.account_id if is_open else None,
        address=asked.address if is_open else account.address,
        address_key=asked.address_key,
        locale=asked.locale if is_open else account.locale,
        secret_hash=asked.secret_hash,
    )
    return account, opened


async def open_reset(tx: Tx, asked: Challenge, code: Generation) -> Challenge:
    """A challenge for the account of the address: a decoy when there is none."""
    (row,) = await tx.sql.fetch(
        _OPEN_RESET,
        asked.address,
        asked.address_key,
        asked.locale,
        asked.challenge_id,
        code.requested_at,
        asked.secret_hash,
        code.kid,
        code.requested_at + CODE_CAP,
    )
    return Challenge(
        challenge_id=asked.challenge_id,
        purpose="reset",
        account_id=row["account_id"],
        address=row["address"],
        address_key=asked.address_key,
        locale=row["locale"],
        secret_hash=asked.secret_hash,
    )


async def keep_pending_hash(tx: Tx, challenge_id: UUID, password_hash: str) -> None:
    """The password that takes effect when this challenge's code is proven."""
    await tx.sql.execute(
        "UPDATE challenge SET pending_password_hash = $2 WHERE challenge_id = $1 AND closed_at IS NULL",
        challenge_id,
        password_hash,
    )


async def find_address_key(tx: Tx, challenge_id: UUID) -> str | None:
    """Whose challenge it is."""
    found: str | None = await tx.sql.fetchval(
        "SELECT address_key FROM challenge WHERE challenge_id = $1", challenge_id
    )
    return found


async def find(tx: Tx, challenge_id: UUID) -> Challenge | None:
    """A challenge with all of its generations."""
    row = await tx.sql.fetchrow(_FIND, challenge_id)
    return None if row is None else _challenge_of(row)


async def count_wrong_guess(tx: Tx, challenge_id: UUID) -> None:
    """One more wrong guess."""
    await tx.sql.execute(
        "UPDATE challenge SET wrong_guesses = wrong_guesses + 1 WHERE challenge_id = $1", challenge_id
    )


async def purge(tx: Tx, at: datetime, limit: int) -> int:
    """Delete challenges of which nothing can be used any more."""
    return len(
        await tx.sql.fetch(
            """
            DELETE FROM challenge WHERE challenge_id IN (
                SELECT challenge_id FROM challenge WHERE purge_after < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)
            RETURNING true
            """,
            at,
            limit,
        )
    )
