"""Every consumer takes the golden records of its topics, and a tombstone of each compacted one, for good."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest

from newsreel_events import EVENTS, TOPICS
from newsreel_events.record_file import RecordFile
from newsreel_events.topics import service_of
from newsreel_runtime.database import Database
from newsreel_testing.service_consumers import CREATE, a_record


def test_every_consumer_of_the_table_is_here() -> None:
    assert CREATE.keys() == {group for topic in TOPICS for group in topic.consumers}


@pytest.mark.parametrize("group", CREATE)
async def test_it_takes_golden_records_and_tombstones(
    group: str,
    golden: dict[str, RecordFile],
    service_database: Callable[[str], Awaitable[Database]],
) -> None:
    database = await service_database(service_of(group))
    consumer = CREATE[group](database)
    records = [
        a_record(
            EVENTS[event_type].topic,
            offset,
            golden[event_type].key,
            golden[event_type].value,
            golden[event_type],
        )
        for offset, event_type in enumerate(sorted(consumer.types))
    ]
    records += [
        a_record(topic.name, 1000, str(uuid4()))
        for topic in TOPICS
        if group in topic.consumers and topic.compacted
    ]
    await asyncio.wait_for(consumer.handle_batch(records), 30)
    async with database.read() as sql:
        assert await sql.fetchval("SELECT count(*) FROM inbox") == len(records)
        assert await sql.fetchval("SELECT count(*) FROM parked_record") == 0
