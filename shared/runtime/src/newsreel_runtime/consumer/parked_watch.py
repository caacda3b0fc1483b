"""What an operator sees of parked records: for how long the oldest of each topic has waited."""

from collections.abc import Collection

from newsreel_runtime.consumer import metrics, parked_records
from newsreel_runtime.database import Database
from newsreel_runtime.timer import Timer, every


def watch_parked(database: Database, consumer: str, topics: Collection[str]) -> Timer:
    """Sets the gauge every ten seconds, to 0 where nothing waits."""

    async def look() -> None:
        async with database.read() as connection:
            ages = await parked_records.oldest(connection, consumer)
        for topic in topics:
            named = {"messaging.destination.name": topic, "messaging.consumer.group.name": consumer}
            metrics.oldest.set(ages.get(topic, 0.0), named)

    return every(10, "the age of parked records", look)
