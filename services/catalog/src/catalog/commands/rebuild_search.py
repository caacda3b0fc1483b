"""The index of the search is made anew from the catalog's tables; the search goes on with what it has."""

import sys
import time

from catalog.store import moments
from catalog.usecases.index_stale_videos import index_stale_videos
from newsreel_runtime.database import DATABASE_ERRORS, Database
from newsreel_runtime.settings import Postgres

_VIDEOS = 20  # of one transaction
_SAY = 1.0  # seconds between two lines


async def rebuild_search(postgres: Postgres) -> int:
    """Index every video and say how far it is; 0 when it is done.

    Interrupted, it is gone on with by the service's timer, or from the beginning by the next run.
    """
    try:
        async with Database.open(postgres) as database:
            async with database.begin() as tx:
                await moments.make_stale(tx)
                total = await moments.count_stale(tx.sql)
            await _index(database, total)
    except (OSError, *DATABASE_ERRORS) as error:
        print(f"catalog search rebuild: stopped: {error}; the service goes on with it", file=sys.stderr)
        return 1
    return 0


async def _index(database: Database, total: int) -> None:
    began = said = time.monotonic()
    videos = written = 0
    while True:
        async with database.begin() as tx:
            done, added = await index_stale_videos(tx, _VIDEOS)
        videos, written = videos + done, written + added
        now = time.monotonic()
        if now - said >= _SAY or not done:
            print(_line(videos, total, written, now - began), flush=True)
            said = now
        if not done:
            return


def _line(videos: int, total: int, written: int, seconds: float) -> str:
    rate = written / max(seconds, 0.001)
    return f"{videos} of {total} videos, {written} moments, {rate:.0f}/s"
