"""The inbox: which events a consumer has seen. Written in the transaction of their effects."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

_INSERT = """
INSERT INTO inbox (consumer, ce_id) SELECT $1, unnest($2::uuid[])
ON CONFLICT DO NOTHING RETURNING ce_id
"""


async def unseen(connection: asyncpg.Connection, consumer: str, ids: Sequence[UUID]) -> set[UUID]:
    """Note `ids` as seen by `consumer` and return those that were not before, in one round trip."""
    if not ids:
        return set()
    found = await connection.fetch(_INSERT, consumer, list(dict.fromkeys(ids)))
    return {UUID(int=record["ce_id"].int) for record in found}
