"""The records: two topics, four types, 500 keys, each traced; and what effects they must leave."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

from aiokafka import AIOKafkaProducer

from benchmarks.stage import Stage
from newsreel_events import Envelope, EventData, TraceContext
from newsreel_events.delivery import DOWNLOAD, DownloadGrantedV1, DownloadRedeemedV1
from newsreel_events.identity import ACCOUNT, AccountRegisteredV1, AccountStateV1, AccountVerifiedV1
from newsreel_runtime.kafka import connection_options

TOPICS = (ACCOUNT, DOWNLOAD)
_KEYS = 250  # of each topic
_ID = UUID("01a20e86-0b46-735d-b339-000000000000").int


def event(number: int) -> EventData:
    """The event of that number; those of one key come `2 * _KEYS` apart."""
    at = datetime.now(UTC)
    entity = UUID(int=_ID + number % (2 * _KEYS))
    later = number // (2 * _KEYS) % 2
    if number % 2:
        changed = AccountVerifiedV1 if later else AccountRegisteredV1
        return changed(
            account=AccountStateV1(
                account_id=entity,
                status="active" if later else "unverified",
                roles=("journalist",),
                sessions_valid_after=at,
            )
        )
    took = DownloadRedeemedV1 if later else DownloadGrantedV1
    return took(grant_id=entity, account_id=entity, video_id=entity, rendition_id=entity, occurred_at=at)


def _event_id(number: int) -> UUID:
    return UUID(int=_ID + number)


async def fill(stage: Stage, count: int, prefix: str) -> None:
    """Events 1 to `count`, on topics of their own whose names begin with `prefix`."""
    for topic in TOPICS:
        await stage.topic(prefix + topic)
    producer = AIOKafkaProducer(**connection_options(stage.kafka), linger_ms=5, enable_idempotence=True)
    await producer.start()
    try:
        for number in range(1, count + 1):
            data = event(number)
            trace = TraceContext(traceparent=f"00-4bf92f3577b34da6a3ce929d0e0e4736-{number:016x}-01")
            envelope = Envelope.of(data, event_id=_event_id(number), time=datetime.now(UTC), trace=trace)
            await producer.send(
                prefix + data.topic,
                data.model_dump_json().encode(),
                key=data.key.encode(),
                headers=envelope.headers(),
            )
        await producer.flush()
    finally:
        await producer.stop()


def effects_of(count: int) -> list[tuple[str, UUID]]:
    """What events 1 to `count` must leave: key and event, in order."""
    return [(event(number).key, _event_id(number)) for number in range(1, count + 1)]


def judge(effects: Iterable[tuple[str, UUID]], count: int) -> str | None:
    """What is wrong with effects, given as key and event in the order they came; or nothing."""
    wanted, found = defaultdict(list), defaultdict(list)
    for key, event_id in effects_of(count):
        wanted[key].append(event_id)
    for key, event_id in effects:
        found[key].append(event_id)
    for key in wanted | found:
        if len(wanted[key]) != len(found[key]):
            return f"{key}: {len(found[key])} of {len(wanted[key])} effects"
        if wanted[key] != found[key]:
            same = sorted(wanted[key]) == sorted(found[key])
            return f"{key}: {'out of order' if same else 'one is out of place'}"
    return None
