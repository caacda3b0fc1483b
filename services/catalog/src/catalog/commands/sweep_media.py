"""The store's files that no video refers to: said, and removed when their day is over."""

import sys

from catalog.errors import SweepRefusedError
from catalog.outbound_media.media_store import MediaStore
from catalog.usecases.sweep_media import sweep_media
from newsreel_runtime.clock import now
from newsreel_runtime.database import DATABASE_ERRORS, Database
from newsreel_runtime.settings import Postgres


async def sweep(postgres: Postgres, store: MediaStore, *, dry_run: bool) -> int:
    """Print a line for each file that is removed, and one for all; 0 when the store was swept."""
    try:
        async with Database.open(postgres) as database:
            swept = await sweep_media(database, store, now(), dry_run=dry_run)
    except SweepRefusedError as error:
        print(f"catalog sweep: {error}", file=sys.stderr)
        return 1
    except (OSError, *DATABASE_ERRORS) as error:
        print(f"catalog sweep: stopped: {error}; run it again", file=sys.stderr)
        return 1
    done = "would be removed" if dry_run else "removed"
    for key in swept.removed:
        print(f"{done}  {key}")
    print(
        f"{len(swept.removed)} {done}, {swept.waiting} not used and younger than a day, "
        f"{swept.unfinished} left half written"
    )
    return 0
