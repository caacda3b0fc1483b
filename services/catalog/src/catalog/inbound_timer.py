"""What the catalog does by the clock: the search catches up with videos that it does not have as they are."""

from opentelemetry import metrics

from catalog.store import moments
from catalog.usecases.index_stale_videos import index_stale_videos
from newsreel_runtime.database import Database
from newsreel_runtime.timer import Timer, every

_SECONDS = 5
_VIDEOS = 10  # of one transaction

_stale = metrics.get_meter("newsreel").create_gauge(
    "newsreel.search.stale", "{video}", "Videos that the search does not have as they are"
)


def create_timers(database: Database) -> tuple[Timer, ...]:
    async def index() -> None:
        """An import indexes what it publishes: what is left is the last release's, or of older rules."""
        async with database.read() as sql:
            _stale.set(await moments.count_stale(sql))
        while True:
            async with database.begin() as tx:
                videos, _ = await index_stale_videos(tx, _VIDEOS)
            if videos == 0:
                return

    return (every(_SECONDS, "the index of the search", index),)
