"""The bus as the service's own login sees it: topics, partitions, and by them its rights. Changes nothing."""

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupAuthorizationFailedError, KafkaError

from newsreel_events.topics import TOPICS, Topic, service_of
from newsreel_runtime.doctor.finding import Finding
from newsreel_runtime.kafka import connection_options
from newsreel_runtime.settings import Kafka

_MILLISECONDS = 10_000  # for an answer


async def look_at_bus(settings: Kafka, service: str) -> list[Finding]:
    """Kafka shows a login the topics on which it has a right: others lack that, or are missing."""
    place = f"Kafka at {settings.bootstrap}"
    try:
        options = connection_options(settings)
    except OSError as error:
        return [Finding("bus", f"{settings.ca} cannot be read", f"NEWSREEL_KAFKA_CA: {type(error).__name__}")]
    admin = AIOKafkaAdminClient(**options, request_timeout_ms=_MILLISECONDS)
    try:
        await admin.start()
        shown = {topic["topic"]: len(topic["partitions"]) for topic in await admin.describe_topics()}
        groups = [await _group(admin, group, settings) for group in _groups(service)]
    except (KafkaError, OSError) as error:
        mend = f"NEWSREEL_KAFKA_BOOTSTRAP, _USER, _PASSWORD, _TLS, _CA, or start it: {type(error).__name__}"
        return [Finding("bus", f"{place} cannot be asked", mend)]
    finally:
        await admin.close()
    found = [finding for name, least in _needed(service) if (finding := _topic(name, least, shown, settings))]
    return [
        Finding("bus", place),
        *(found or [Finding("topics", f"all {len(dict(_needed(service)))} are there")]),
        *groups,
    ]


def _needed(service: str) -> list[tuple[str, int]]:
    """What the service writes and reads: names, and how many partitions there must be."""
    found = [(topic.name, topic.partitions) for topic in TOPICS if topic.producer == service]
    for group in _groups(service):
        for topic in _read_by(group):
            found += [(topic.name, topic.partitions), (topic.parked(group), 1), (topic.replayed(group), 1)]
    return found


def _groups(service: str) -> list[str]:
    named = (group for topic in TOPICS for group in topic.consumers if service_of(group) == service)
    return list(dict.fromkeys(named))


def _read_by(group: str) -> list[Topic]:
    return [topic for topic in TOPICS if group in topic.consumers]


def _topic(name: str, least: int, shown: dict[str, int], settings: Kafka) -> Finding | None:
    if name not in shown:
        return Finding(
            "topics", f"{name} is not there, or {settings.user} has no right on it", "newsreel bus apply"
        )
    if shown[name] < least:
        said = f"{name} has {shown[name]} partitions, is to have {least}"
        return Finding(
            "topics", said, "docs/runbooks/partitions.md, then newsreel bus apply --add-partitions"
        )
    return None


async def _group(admin: AIOKafkaAdminClient, group: str, settings: Kafka) -> Finding:
    try:
        await admin.find_coordinator(group)
    except GroupAuthorizationFailedError:
        return Finding("group", f"{settings.user} may not use {group}", "newsreel bus apply")
    return Finding("group", group)
