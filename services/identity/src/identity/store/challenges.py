"""Challenges: opened, renewed, found, purged; and the rule that makes one a decoy."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from identity.domain.account import Account
from identity.domain.challenge import CODE_CAP, GUESSES, Challenge, Generation
from identity.domain.code import Purpose
from identity.store.accounts import COLUMNS, account_of, lock_address
from newsreel_runtime.sql import Row
from newsreel_runtime.transaction import Tx

# The accounts that a challenge may prove, by status. For any other it is a decoy: it has no account.
_PROVABLE: dict[Purpose, Sequence[str]] = {"signup": ("unverified",), "reset": ("unverified", "active")}

# Decided when a challenge is opened and at each new code, since the account may have changed in between.
# Mail for a proven address goes there as it is stored, for any other as it was typed now.
_DECIDED = """
SELECT CASE WHEN known.status = ANY ($8::text[]) THEN known.account_id END,
       CASE WHEN known.status <> 'unverified' THEN known.address ELSE $2 END,
       CASE WHEN known.status <> 'unverified' THEN known.locale ELSE $4 END
FROM (VALUES (1)) AS always LEFT JOIN known ON true
"""
_LOOK_UP = f"SELECT {COLUMNS} FROM account WHERE address_key = $3"  # noqa: S608 (constants)
# The row's lock is taken on every path, so that a taken address costs what a new one costs.
_MAKE_ACCOUNT = f"""
INSERT INTO account (account_id, address, address_key, locale, status, sessions_valid_after, registered_at)
VALUES ($11, $2, $3, $4, 'unverified', $6, $6)
ON CONFLICT (address_key) DO UPDATE SET address_key = excluded.address_key
RETURNING {COLUMNS}
"""  # noqa: S608 (constants)
_OPEN = """
WITH known AS ({known}),
decided (account_id, address, locale) AS ({decided}),
opened AS (
    INSERT INTO challenge
        (challenge_id, purpose, account_id, address, address_key, locale, secret_hash, purge_after)
    SELECT $1, $9, account_id, address, $3, locale, $10, $7 FROM decided),
code AS (
    INSERT INTO challenge_code (challenge_id, generation, kid, requested_at) VALUES ($1, 1, $5, $6))
SELECT known.*, decided.account_id AS proves, decided.address AS mailed, decided.locale AS speaks
FROM decided LEFT JOIN known ON true
"""
_OPENINGS: dict[Purpose, str] = {
    "signup": _OPEN.format(known=_MAKE_ACCOUNT, decided=_DECIDED),
    "reset": _OPEN.format(known=_LOOK_UP, decided=_DECIDED),
}
_RENEW = f"""
WITH known AS ({_LOOK_UP}),
renewed AS (
    UPDATE challenge SET generation = generation + 1, purge_after = greatest(purge_after, $7),
                         (account_id, address, locale) = ({_DECIDED})
    WHERE challenge_id = $1 RETURNING generation, account_id, address, locale),
code AS (
    INSERT INTO challenge_code (challenge_id, generation, kid, requested_at)
    SELECT $1, generation, $5, $6 FROM renewed)
SELECT generation, account_id, address, locale FROM renewed
"""  # noqa: S608 (constants)
_SELECT = """
SELECT challenge_id, purpose, account_id, address, address_key, locale, secret_hash, generation,
       wrong_guesses, pending_password_hash, closed_at IS NOT NULL AS is_closed, proven_at,
       CASE WHEN reset_token_hash IS NOT NULL THEN reset_expires_at END AS reset_expires_at,
       ARRAY(SELECT (code.generation, code.kid, code.requested_at, code.accepted_at)
             FROM challenge_code AS code WHERE code.challenge_id = challenge.challenge_id
             ORDER BY code.generation) AS generations
FROM challenge
"""


def _challenge_of(row: Row) -> Challenge:
    names = set(Challenge.__dataclass_fields__) - {"generations"}
    generations = tuple(Generation(*values) for values in row["generations"])
    return Challenge(**{name: row[name] for name in names}, generations=generations)


async def open_challenge(
    tx: Tx, asked: Challenge, code: Generation, new_account_id: UUID
) -> tuple[Challenge, Account | None]:
    """Open what was asked for with its first code; the address's account comes along, if there is one.

    A sign-up makes the account when the address is new.
    """
    is_signup = asked.purpose == "signup"
    (row,) = await tx.sql.fetch(
        _OPENINGS[asked.purpose],
        *_shared(asked, code),
        asked.purpose,
        asked.secret_hash,
        *([new_account_id] if is_signup else []),
    )
    challenge = replace(asked, account_id=row["proves"], address=row["mailed"], locale=row["speaks"])
    return challenge, None if row["account_id"] is None else account_of(row)


async def renew(tx: Tx, asked: Challenge, kid: str, at: datetime) -> tuple[Challenge, Generation]:
    """The open challenge with its next code; the caller holds the lock of its address."""
    (row,) = await tx.sql.fetch(_RENEW, *_shared(asked, Generation(0, kid, at)))
    challenge = replace(
        asked,
        generation=row["generation"],
        account_id=row["account_id"],
        address=row["address"],
        locale=row["locale"],
    )
    return challenge, Generation(challenge.generation, kid, at)


def _shared(asked: Challenge, code: Generation) -> tuple[object, ...]:
    """The parameters that opening and renewing have in common."""
    return (
        asked.challenge_id,
        asked.address,
        asked.address_key,
        asked.locale,
        code.kid,
        code.requested_at,
        code.requested_at + CODE_CAP,
        _PROVABLE[asked.purpose],
    )


async def keep_pending_hash(tx: Tx, challenge_id: UUID, password_hash: str) -> None:
    """The password that takes effect when this challenge's code is proven; a decoy never uses it."""
    await tx.sql.execute(
        "UPDATE challenge SET pending_password_hash = $2 WHERE challenge_id = $1 AND closed_at IS NULL",
        challenge_id,
        password_hash,
    )


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


async def lock_open(tx: Tx, purpose: Purpose, address_key: str, secret_hash: bytes) -> Challenge | None:
    """What a browser with that secret can go on with for the address; the caller has locked the address."""
    row = await tx.sql.fetchrow(
        _SELECT
        + """
        WHERE secret_hash = $1 AND purpose = $2 AND address_key = $3 AND closed_at IS NULL
          AND wrong_guesses < $4
        FOR UPDATE
        """,
        secret_hash,
        purpose,
        address_key,
        GUESSES,
    )
    return None if row is None else _challenge_of(row)


async def count_wrong_guess(tx: Tx, challenge_id: UUID) -> None:
    """One more wrong guess."""
    await tx.sql.execute(
        "UPDATE challenge SET wrong_guesses = wrong_guesses + 1 WHERE challenge_id = $1", challenge_id
    )
