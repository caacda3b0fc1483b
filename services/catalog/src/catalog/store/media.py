"""Which files published videos refer to, and since when the others are not used."""

from collections.abc import Collection, Iterable
from datetime import datetime

from catalog.domain.media_place import Place, poster_place, rendition_place
from newsreel_runtime.sql import Sql
from newsreel_runtime.transaction import Tx

_USED = """
SELECT rendition_id AS id, file, sha256 FROM rendition
UNION ALL SELECT video_id, NULL, poster_sha256 FROM video
"""


async def find_used(sql: Sql) -> list[Place]:
    """The places of all renditions and posters, whatever the state of their video."""
    return [
        poster_place(row["id"], row["sha256"])
        if row["file"] is None
        else rendition_place(row["id"], row["file"], row["sha256"])
        for row in await sql.fetch(_USED)
    ]


async def claim(tx: Tx, keys: Iterable[str]) -> None:
    """These are wanted. Waits for a sweep that removes one of them."""
    await tx.sql.execute("DELETE FROM unused_file WHERE key = ANY ($1)", sorted(keys))


async def mark_unused(tx: Tx, keys: Collection[str], at: datetime) -> None:
    """Note that these, and no others, are not used; of what was noted already, since when is kept."""
    listed = sorted(keys)
    await tx.sql.execute("DELETE FROM unused_file WHERE NOT key = ANY ($1)", listed)
    await tx.sql.execute(
        "INSERT INTO unused_file (key, since) SELECT unnest($1::text[]), $2 ON CONFLICT DO NOTHING",
        listed,
        at,
    )


async def find_unused(sql: Sql, before: datetime) -> list[str]:
    """What has not been used since a moment at or before that one."""
    rows = await sql.fetch("SELECT key FROM unused_file WHERE since <= $1 ORDER BY key", before)
    return [row["key"] for row in rows]


async def lock_unused(tx: Tx, keys: Iterable[str]) -> list[str]:
    """Those of the keys that nobody claimed; nobody can until the commit."""
    rows = await tx.sql.fetch(
        "SELECT key FROM unused_file WHERE key = ANY ($1) ORDER BY key FOR UPDATE", sorted(keys)
    )
    return [row["key"] for row in rows]
