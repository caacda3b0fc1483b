"""What an operator sees of parked records: for how long the oldest of each topic has waited."""

import asyncio
from collections.abc import Collection

from newsreel_runtime.consumer import metrics, parked_records
from newsreel_runtime.database import DATABASE_ERRORS, Database
from newsreel_runtime.wakeup import pause

_EVERY = 10.0  # seconds


async def watch_parked(
    database: Database, consumer: str, topics: Collection[str], stopping: asyncio.Event
) -> None:
    """Set the gauge every ten seconds, to 0 where nothing waits, until `stopping`."""
    while not stopping.is_set():
        try:
            async with database.read() as connection:
                ages = await parked_records.oldest(connection, consumer)
        except DATABASE_ERRORS:
            pass  # the database is away: whoever uses it says so
        else:
            for topic in topics:
                named = {"messaging.destination.name": topic, "messaging.consumer.group.name": consumer}
                metrics.oldest.set(ages.get(topic, 0.0), named)
        await pause(stopping, _EVERY)
