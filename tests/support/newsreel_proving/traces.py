"""Reading what a run left: the ledger, the effects, the topic, the dead letters."""

from collections.abc import Sequence
from uuid import UUID

from aiokafka import AIOKafkaConsumer, TopicPartition

from newsreel_events import notifier
from newsreel_proving.brokers import MAIL, PARTITIONS
from newsreel_proving.oracle import Event, Seen
from newsreel_proving.stage import GROUPS, WRITING, Stage
from newsreel_runtime.kafka import connection_options
from newsreel_runtime.settings import Kafka

_NEWEST = """
SELECT k.key, coalesce((SELECT max(number) FROM {} t WHERE t.key = k.key), 0) AS number
FROM unnest($1::uuid[]) AS k (key)
"""


async def newest(stage: Stage, database: str) -> dict[UUID, int]:
    """The last number of each steady key in the ledger, or among the effects of a group."""
    table = "ledger" if database == WRITING else "effect"
    rows = await stage.ask(database, _NEWEST.format(table), stage.keys)
    return {row["key"]: row["number"] for row in rows}


async def seen(stage: Stage, *, topics: bool) -> Seen:
    """All of it; without `topics`, what the databases alone can tell."""
    effects = {group: await _effects(stage, group) for group in GROUPS}
    parked: dict[str, list[Event]] = {group: [] for group in GROUPS}
    wire: Sequence[Event] = ()
    if topics:
        wire = await records(stage.settings, MAIL.name)
        parked = {group: await records(stage.settings, MAIL.parked(group)) for group in GROUPS}
    # Last, so that nothing is there that it does not know; and at once, for it grows.
    ledger = await stage.ask(WRITING, "SELECT key, number, poisonous FROM ledger ORDER BY key, number")
    return Seen(
        committed=[Event(str(row["key"]), row["number"]) for row in ledger],
        poisonous=frozenset(Event(str(row["key"]), row["number"]) for row in ledger if row["poisonous"]),
        wire=wire,
        effects=effects,
        parked=parked,
    )


async def _effects(stage: Stage, group: str) -> list[Event]:
    rows = await stage.ask(group, "SELECT key, number FROM effect ORDER BY n")
    return [Event(str(key), number) for key, number in rows]


async def records(kafka: Kafka, topic: str) -> list[Event]:
    """The events of a topic, each partition in its order."""
    options = connection_options(kafka)
    async with AIOKafkaConsumer(auto_offset_reset="earliest", **options) as consumer:
        parts = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        consumer.assign(parts)
        ends = await consumer.end_offsets(parts)
        found: list[Event] = []
        while any([await consumer.position(part) < ends[part] for part in parts]):
            fetched = await consumer.getmany(timeout_ms=1000)
            for record in (record for several in fetched.values() for record in several):
                event = notifier.MailAcceptedV1.model_validate_json(record.value)
                found.append(Event(event.key, event.generation))
    return found
