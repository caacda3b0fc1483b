"""Challenges: their codes, and the rule that makes one a decoy."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from identity.domain.challenge import CODE_CAP, Challenge, Generation
from identity.domain.code import Purpose
from identity.domain.password_hash import PasswordHash
from identity.store.accounts import lock_address
from newsreel_runtime.sql import Row, Sql
from newsreel_runtime.transaction import Tx

# The accounts that a challenge may prove, by status. For any other it is a decoy: it has no account.
_PROVABLE: dict[Purpose, Sequence[str]] = {"signup": ("unverified",), "reset": ("unverified", "active")}
# Which challenges have the same mailbox to prove. A change of address may be proven by the mail that another
# account asked for; every other purpose has one account for an address.
_ALIKE: dict[Purpose, str] = {
    "signup": "account_id = $1",
    "reset": "account_id = $1",
    "address": "address_key = $1 AND NOT is_taken",
}

# Decided when a challenge is opened and at each new code, since the account may have changed in between.
# Mail for a proven address goes there as it is stored, for any other as it was typed now.
_DECIDED = """
SELECT CASE WHEN known.status = ANY ($8::text[]) THEN known.account_id END,
       CASE WHEN known.status <> 'unverified' THEN known.address ELSE $2 END,
       CASE WHEN known.status <> 'unverified' THEN known.locale ELSE $4 END,
       false
FROM (VALUES (1)) AS always LEFT JOIN known ON true
"""
# The account $8 may have an address that nobody else has proven. Its owner, if there is one, gets the mail.
_DECIDED_CHANGE = """
SELECT $8::uuid,
       CASE WHEN known.is_taken THEN known.address ELSE $2 END,
       CASE WHEN known.is_taken THEN known.locale ELSE $4 END,
       coalesce(known.is_taken, false)
FROM (VALUES (1)) AS always LEFT JOIN (
    SELECT address, locale, status <> 'unverified' AND account_id <> $8 AS is_taken FROM known
) AS known ON true
"""
_LOOK_UP = "SELECT account_id, address, locale, status FROM account WHERE address_key = $3"
# The row's lock is taken on every path, so that a taken address costs what a new one costs.
_MAKE_ACCOUNT = """
INSERT INTO account (account_id, address, address_key, locale, status, sessions_valid_after, registered_at)
VALUES ($11, $2, $3, $4, 'unverified', $6, $6)
ON CONFLICT (address_key) DO UPDATE SET address_key = excluded.address_key
RETURNING account_id, address, locale, status
"""
_OPEN = """
WITH known AS ({known}),
decided (account_id, address, locale, is_taken) AS ({decided}),
opened AS (
    INSERT INTO challenge
        (challenge_id, purpose, account_id, address, address_key, locale, secret_hash, purge_after, is_taken)
    SELECT $1, $9, account_id, address, $3, locale, $10, $7, is_taken FROM decided
    RETURNING generation, account_id, address, locale, is_taken),
code AS (
    INSERT INTO challenge_code (challenge_id, generation, kid, requested_at) VALUES ($1, 1, $5, $6))
SELECT * FROM opened
"""
_OPEN_SIGNUP = _OPEN.format(known=_MAKE_ACCOUNT, decided=_DECIDED)
_OPEN_RESET = _OPEN.format(known=_LOOK_UP, decided=_DECIDED)
_OPEN_CHANGE = _OPEN.format(known=_LOOK_UP, decided=_DECIDED_CHANGE)
_RENEW = """
WITH known AS ({known}),
renewed AS (
    UPDATE challenge SET generation = generation + 1, purge_after = greatest(purge_after, $7),
                         (account_id, address, locale, is_taken) = ({decided})
    WHERE challenge_id = $1 RETURNING generation, account_id, address, locale, is_taken),
code AS (
    INSERT INTO challenge_code (challenge_id, generation, kid, requested_at)
    SELECT $1, generation, $5, $6 FROM renewed)
SELECT * FROM renewed
"""
_RENEW_OTHER = _RENEW.format(known=_LOOK_UP, decided=_DECIDED)
_RENEW_CHANGE = _RENEW.format(known=_LOOK_UP, decided=_DECIDED_CHANGE)
_SELECT = """
SELECT challenge_id, purpose, account_id, address, address_key, locale, secret_hash, generation,
       wrong_guesses, pending_password_hash, pending_password_key, closed_at IS NOT NULL AS is_closed,
       proven_at, reset_token_hash, reset_expires_at, password_set_at, is_taken,
       ARRAY(SELECT (code.generation, code.kid, code.requested_at, code.accepted_at, code.mail)
             FROM challenge_code AS code WHERE code.challenge_id = challenge.challenge_id
             ORDER BY code.generation) AS generations
FROM challenge
"""


def _challenge_of(row: Row) -> Challenge:
    names = set(Challenge.__dataclass_fields__) - {"generations"}
    generations = tuple(Generation(*values) for values in row["generations"])
    return Challenge(**{name: row[name] for name in names}, generations=generations)


async def add_code(
    tx: Tx, asked: Challenge, kid: str, at: datetime, new_account_id: UUID
) -> tuple[Challenge, Generation]:
    """The challenge with its next code; the first one opens it. The caller has locked the address.

    A sign-up that opens makes the account when the address is new.
    """
    values = [asked.challenge_id, asked.address, asked.address_key, asked.locale, kid, at, at + CODE_CAP]
    is_change = asked.purpose == "address"
    values.append(asked.account_id if is_change else _PROVABLE[asked.purpose])
    sql = _RENEW_CHANGE if is_change else _RENEW_OTHER
    if asked.generation == 0:
        values += [asked.purpose, asked.secret_hash]
        sql = _OPEN_CHANGE if is_change else _OPEN_RESET
        if asked.purpose == "signup":
            values.append(new_account_id)
            sql = _OPEN_SIGNUP
    (row,) = await tx.sql.fetch(sql, *values)
    challenge = replace(asked, **dict(row))
    return challenge, Generation(challenge.generation, kid, at)


async def keep(tx: Tx, challenge_id: UUID, until: datetime) -> None:
    """The challenge is not purged before `until`."""
    await tx.sql.execute(
        "UPDATE challenge SET purge_after = greatest(purge_after, $2) WHERE challenge_id = $1",
        challenge_id,
        until,
    )


async def keep_pending_hash(tx: Tx, challenge_id: UUID, password_hash: PasswordHash) -> None:
    """The password that takes effect when this challenge's code is proven; a decoy never uses it."""
    await tx.sql.execute(
        "UPDATE challenge SET pending_password_hash = $2, pending_password_key = $3"
        " WHERE challenge_id = $1 AND closed_at IS NULL",
        challenge_id,
        password_hash.phc,
        password_hash.key_id,
    )


async def find(sql: Sql, challenge_id: UUID) -> Challenge | None:
    """The challenge with all of its generations, as it was last committed."""
    row = await sql.fetchrow(_SELECT + "WHERE challenge_id = $1", challenge_id)
    return None if row is None else _challenge_of(row)


async def lock(tx: Tx, challenge_id: UUID) -> Challenge | None:
    """The challenge with all of its generations; it and its address are locked until the commit."""
    address_key = await tx.sql.fetchval(
        "SELECT address_key FROM challenge WHERE challenge_id = $1", challenge_id
    )
    if address_key is None:
        return None
    await lock_address(tx, address_key)
    row = await tx.sql.fetchrow(_SELECT + "WHERE challenge_id = $1 FOR UPDATE", challenge_id)
    return None if row is None else _challenge_of(row)


async def lock_open(tx: Tx, wanted: Challenge) -> Challenge | None:
    """What the browser can continue for the address; the caller has locked the address.

    A change of address is continued by its own account alone.
    """
    rows = await tx.sql.fetch(
        _SELECT
        + "WHERE secret_hash = $1 AND purpose = $2 AND address_key = $3"
        + " AND ($4::uuid IS NULL OR account_id = $4) FOR UPDATE",
        wanted.secret_hash,
        wanted.purpose,
        wanted.address_key,
        wanted.account_id,
    )
    return next((challenge for challenge in map(_challenge_of, rows) if not challenge.is_over), None)


async def find_alike(tx: Tx, challenge: Challenge, at: datetime) -> list[Challenge]:
    """What any browser asked for, for the same mailbox and purpose, as far as its codes may live at `at`.

    The caller has locked the address. A challenge that was closed at that very moment counts: by this proof.
    """
    rows = await tx.sql.fetch(
        _SELECT
        + f"""
        WHERE {_ALIKE[challenge.purpose]} AND purpose = $2 AND coalesce(closed_at, $3) >= $3 AND EXISTS (
            SELECT FROM challenge_code AS code
            WHERE code.challenge_id = challenge.challenge_id AND code.requested_at > $3 - $4::interval)
        """,
        challenge.address_key if challenge.purpose == "address" else challenge.account_id,
        challenge.purpose,
        at,
        CODE_CAP,
    )
    return [_challenge_of(row) for row in rows]


async def count_wrong_guess(tx: Tx, challenge_id: UUID) -> None:
    """One more wrong guess."""
    await tx.sql.execute(
        "UPDATE challenge SET wrong_guesses = wrong_guesses + 1 WHERE challenge_id = $1", challenge_id
    )
