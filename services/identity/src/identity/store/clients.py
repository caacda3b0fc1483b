"""Clients and their secrets."""

from uuid import UUID

from identity.domain.client import Client
from newsreel_runtime.sql import Row, Sql
from newsreel_runtime.transaction import Tx

_NAMES = tuple(Client.__dataclass_fields__)
_COLUMNS = ", ".join(_NAMES)


def _client_of(row: Row) -> Client:
    return Client(**{name: row[name] for name in _NAMES} | {"scopes": tuple(row["scopes"])})


async def add(tx: Tx, client: Client) -> bool:
    """Write a new one; false, and nothing done, when its name is taken."""
    places = ", ".join(f"${number}" for number in range(1, len(_NAMES) + 1))
    return bool(
        await tx.sql.fetchval(
            f"INSERT INTO client ({_COLUMNS}) VALUES ({places}) ON CONFLICT (name) DO NOTHING RETURNING true",  # noqa: S608 (constants)
            *_values(client),
        )
    )


async def find(sql: Sql, client_id: UUID) -> Client | None:
    """The client of that id."""
    row = await sql.fetchrow(f"SELECT {_COLUMNS} FROM client WHERE client_id = $1", client_id)  # noqa: S608 (constants)
    return None if row is None else _client_of(row)


async def find_named(sql: Sql, who: str, *, held: bool = False) -> Client | None:
    """The client of that id or name; `held`: as it stays until the commit."""
    lock = "FOR UPDATE" if held else ""
    row = await sql.fetchrow(
        f"SELECT {_COLUMNS} FROM client WHERE client_id::text = $1 OR name = $1 {lock}",  # noqa: S608 (constants)
        who,
    )
    return None if row is None else _client_of(row)


async def every(sql: Sql) -> list[Client]:
    """All of them, by their names."""
    return [_client_of(row) for row in await sql.fetch(f"SELECT {_COLUMNS} FROM client ORDER BY name")]  # noqa: S608 (constants)


def save(tx: Tx, client: Client) -> None:
    """Its secrets, and which of its tokens are dead."""
    tx.write(
        """
        UPDATE client SET tokens_valid_after = $2, secret_hash = $3, secret_made_at = $4,
            older_secret_hash = $5, older_secret_ends_at = $6
        WHERE client_id = $1
        """,
        client.client_id,
        client.tokens_valid_after,
        client.secret_hash,
        client.secret_made_at,
        client.older_secret_hash,
        client.older_secret_ends_at,
    )


def remove(tx: Tx, client_id: UUID) -> None:
    tx.write("DELETE FROM client WHERE client_id = $1", client_id)


def _values(client: Client) -> list[object]:
    return [getattr(client, name) for name in _NAMES]
