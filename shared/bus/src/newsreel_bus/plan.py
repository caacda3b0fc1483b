"""What differs between the topics table and a Kafka, as lines for people; nothing is changed here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from confluent_kafka.admin import AclBinding, AdminClient, ResourcePatternType

from newsreel_bus import acls, topics
from newsreel_events.access import rights


@dataclass(frozen=True)
class Plan:
    """The differences. `cluster` is what was found; the rest is what `apply` would do, or refuses to do."""

    cluster: topics.Cluster
    missing: tuple[topics.Wanted, ...]
    changes: Mapping[str, Mapping[str, str]]
    narrow: Mapping[str, int]  # topics with fewer partitions than the table says, and what it says
    granted: frozenset[AclBinding]
    surplus: frozenset[AclBinding]

    @property
    def empty(self) -> bool:
        return not (self.missing or self.changes or self.narrow or self.granted or self.surplus)

    def lines(self) -> Iterator[str]:
        """A line a difference, in the order in which `apply` takes them."""
        for acl in sorted(self.granted, key=_acl):
            yield f"+ right   {_acl(acl)}"
        for topic in self.missing:
            settings = " ".join(f"{name}={value}" for name, value in topic.config.items())
            size = f"{topic.partitions} partitions, {self.cluster.replicas} replicas"
            yield f"+ topic   {topic.name}: {size}, {settings}"
        for name, values in self.changes.items():
            found = self.cluster.topics[name].config
            for key, value in values.items():
                yield f"~ setting {name}: {key} is {found.get(key)}, is to be {value}"
        for name, total in self.narrow.items():
            have = self.cluster.topics[name].partitions
            yield (
                f"! topic   {name} has {have} partitions, is to have {total}: most keys move, see "
                "docs/runbooks/partitions.md; then --add-partitions"
            )
        for acl in sorted(self.surplus, key=_acl):
            yield f"! right   {_acl(acl)} is not in the table: taken away only with --revoke"
        yield from self.notes()

    def notes(self) -> Iterator[str]:
        """What nobody here mends."""
        for name, found in self.cluster.topics.items():
            if found.replicas < self.cluster.replicas:
                yield (
                    f"  note    {name} has {found.replicas} replicas on {self.cluster.brokers} brokers: "
                    "kafka-reassign-partitions.sh moves partitions"
                )


def _acl(acl: AclBinding) -> str:
    prefixed = "*" if acl.resource_pattern_type == ResourcePatternType.PREFIXED else ""
    words = [_word(part) for part in (acl.permission_type, acl.operation, acl.restype)]
    return f"{acl.principal}: {words[0]} {words[1]} on {words[2]} {acl.name}{prefixed}"


def _word(part: object) -> str:
    return part.name.lower() if isinstance(part, Enum) else str(part)


async def compare(admin: AdminClient) -> Plan:
    """Look, and say what differs. Raises `confluent_kafka.KafkaException`."""
    wanted = topics.wanted()
    cluster = await topics.look(admin, [topic.name for topic in wanted])
    found, granted = await acls.list_acls(admin), rights()
    return Plan(
        cluster,
        tuple(topic for topic in wanted if topic.name not in cluster.topics),
        topics.differing(wanted, cluster),
        {
            topic.name: topic.partitions
            for topic in wanted
            if topic.name in cluster.topics and cluster.topics[topic.name].partitions < topic.partitions
        },
        frozenset(map(acls.binding, granted)) - found,
        acls.surplus(found, granted),
    )
