"""Files that no video refers to are removed from the store, a day after that was seen first."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog.errors import SweepRefusedError
from catalog.outbound_media.media_store import MediaStore
from catalog.store import media
from newsreel_runtime.database import Database
from newsreel_runtime.failpoints import fail_point

GRACE = timedelta(days=1)  # an import may be that long under way, and a download that has begun
_KEYS = 100  # of one transaction


@dataclass(frozen=True)
class Swept:
    """What was removed, or would be; how many files wait for their day; how many were left half written."""

    removed: tuple[str, ...]
    waiting: int
    unfinished: int


async def sweep_media(database: Database, store: MediaStore, at: datetime, *, dry_run: bool = False) -> Swept:
    """Note which files are not used, and remove those of which that was noted a day ago.

    A dry run only looks. Killed at any time, it leaves nothing that a later sweep does not see. An import
    that wants one of the files meanwhile waits for the removal, and brings the file in again. Raises
    `SweepRefusedError` when no file is used: another catalog's store, or an empty database.
    """
    there = set(await asyncio.to_thread(lambda: set(store.keys())))
    async with database.begin() as tx:
        # Read after the listing: what was published meanwhile is used.
        unused = there - {store.key_of(place) for place in await media.find_used(tx.sql)}
        if there and unused == there:
            raise SweepRefusedError(
                f"no video refers to any of {len(there)} files: is this the catalog's store?"
            )
        if not dry_run:
            await media.mark_unused(tx, unused, at)
        due = [key for key in await media.find_unused(tx.sql, at - GRACE) if key in unused]
    if dry_run:
        return Swept(tuple(due), len(unused) - len(due), 0)
    removed: list[str] = []
    for first in range(0, len(due), _KEYS):
        removed += await _remove(database, store, due[first : first + _KEYS])
    unfinished = await asyncio.to_thread(store.discard_unfinished, at - GRACE)
    return Swept(tuple(removed), len(unused) - len(removed), unfinished)


async def _remove(database: Database, store: MediaStore, keys: list[str]) -> list[str]:
    async with database.begin() as tx:
        unclaimed = await media.lock_unused(tx, keys)
        used = {store.key_of(place) for place in await media.find_used(tx.sql)}
        removed = [key for key in unclaimed if key not in used]
        for key in removed:
            await asyncio.to_thread(store.remove, key)
            fail_point("media.removed")
        await media.claim(tx, unclaimed)
    return removed
