"""The topics table: the single source for topic creation, documentation and the tests of who uses what."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from newsreel_events import catalog, delivery, identity, notifier
from newsreel_events.data import EventData

_MINUTE = 60_000
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
_RECORD_BYTES = 1_048_576  # of a record of a topic that sets no limit of its own, as brokers have it
_MARGIN = 148_576  # bytes of a record that are not its data: key, headers, the batch around it

# Every event stays for 14 days, the last one of each key for ever: a new service builds its copy from it.
_COMPACTED = {
    "cleanup.policy": "compact",
    "min.compaction.lag.ms": str(14 * _DAY),
    "delete.retention.ms": str(14 * _DAY),
}


def service_of(group: str) -> str:
    """The service that runs the consumer group: the group has its name, or begins with it and a hyphen."""
    return group.partition("-")[0]


def _period(milliseconds: int) -> str:
    days, hours = milliseconds // _DAY, milliseconds // _HOUR
    return f"{days} d" if days else f"{hours} h"


@dataclass(frozen=True)
class Topic:
    """One topic: `<domain>.<entity>.v<major>`, several event types, keyed by the entity's id.

    `consumers` are the consumer groups of our services.
    """

    name: str
    key: str
    producer: str
    public: bool
    consumers: tuple[str, ...]
    config: Mapping[str, str]
    events: tuple[type[EventData], ...]
    partitions: int = 12

    @property
    def compacted(self) -> bool:
        """Whether the last event of each key stays for ever; a record without a value erases its key."""
        return self.config.get("cleanup.policy") == "compact"

    @property
    def kept(self) -> str:
        """For how long a record can be read, in words."""
        if not self.compacted:
            return _period(int(self.config["retention.ms"]))
        lag = int(self.config.get("min.compaction.lag.ms", "0"))
        return (f"all {_period(lag)}, " if lag else "") + "the last of each key for ever"

    @property
    def record_bytes(self) -> int:
        """How large a record may be; the broker refuses a larger one."""
        return int(self.config.get("max.message.bytes", _RECORD_BYTES))

    @property
    def data_bytes(self) -> int:
        """How large an event's data may be; the producer refuses larger ones."""
        return self.record_bytes - _MARGIN

    def facts(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "producer": self.producer,
            "public": self.public,
            "consumers": list(self.consumers),
            "partitions": self.partitions,
            "config": dict(self.config),
            "types": [event.type for event in self.events],
        }

    def parked(self, consumer: str) -> str:
        """The topic that holds what `consumer` could not process, byte for byte."""
        return f"{self.name}.{consumer}.dlq"

    def replayed(self, consumer: str) -> str:
        """The topic on which parked records come back to `consumer`, and to nobody else."""
        return f"{self.name}.{consumer}.replay"

    @property
    def parked_config(self) -> dict[str, str]:
        """Parked and replayed records are kept 14 days; those of a private topic at most one day."""
        days = 14 if self.public else 1
        return {
            "retention.ms": str(days * _DAY),
            "segment.ms": str(_DAY if self.public else _HOUR),
            "max.message.bytes": str(self.record_bytes + 65_536),  # the record, and the reason beside it
        }


TOPICS: tuple[Topic, ...] = (
    Topic(
        name=identity.ACCOUNT,
        key="account id",
        producer="identity",
        public=True,
        consumers=("delivery",),
        config=_COMPACTED,
        events=(
            identity.AccountRegisteredV1,
            identity.AccountVerifiedV1,
            identity.AccountPasswordChangedV1,
            identity.AccountSessionsEndedV1,
            identity.AccountSuspendedV1,
            identity.AccountRestoredV1,
            identity.AccountRolesChangedV1,
            identity.AccountDeletedV1,
            identity.AccountNewsletterSubscribedV1,
            identity.AccountNewsletterUnsubscribedV1,
            identity.AccountRepublishedV1,
        ),
    ),
    Topic(
        name=identity.CODE,
        key="challenge id",
        producer="identity",
        public=False,
        consumers=("notifier",),
        config={"retention.ms": str(_HOUR), "segment.ms": str(10 * _MINUTE)},
        events=(
            identity.SignupCodeRequestedV1,
            identity.ResetCodeRequestedV1,
            identity.AddressCodeRequestedV1,
            identity.AddressTakenNoticedV1,
            identity.NoAccountNoticedV1,
            identity.PasswordChangedNoticedV1,
            identity.AddressWantedNoticedV1,
            identity.AddressChangedNoticedV1,
        ),
    ),
    Topic(
        name=identity.CONTACT,
        key="account id",
        producer="identity",
        public=False,
        consumers=("notifier",),
        config={
            "cleanup.policy": "compact",
            "segment.ms": str(_HOUR),
            "max.compaction.lag.ms": str(_HOUR),
        },
        events=(identity.ContactChangedV1,),
    ),
    Topic(
        name=notifier.MAIL,
        key="reference id",
        producer="notifier",
        public=True,
        consumers=("identity",),
        config={"retention.ms": str(7 * _DAY)},
        events=(
            notifier.MailAcceptedV1,
            notifier.MailDelayedV1,
            notifier.MailBouncedV1,
            notifier.MailExpiredV1,
        ),
    ),
    Topic(
        name=notifier.NOTICE,
        key="notice id",
        producer="notifier",
        public=True,
        consumers=("delivery",),
        config={"retention.ms": str(14 * _DAY)},
        events=(notifier.NoticeMailedV1,),
    ),
    Topic(
        name=catalog.VIDEO,
        key="video id",
        producer="catalog",
        public=True,
        consumers=("delivery", "notifier-newsletter"),
        config=_COMPACTED,
        events=(
            catalog.VideoPublishedV1,
            catalog.VideoRevisedV1,
            catalog.VideoWithheldV1,
            catalog.VideoWithdrawnV1,
        ),
    ),
    Topic(
        name=catalog.TRANSCRIPT,
        key="<video id>:<language>",
        producer="catalog",
        public=True,
        consumers=(),
        config={
            **_COMPACTED,
            "max.message.bytes": str(8 * 1_048_576),
        },  # the words of a day, in Cyrillic, too
        events=(catalog.TranscriptPublishedV1,),
    ),
    Topic(
        name=delivery.DOWNLOAD,
        key="grant id",
        producer="delivery",
        public=True,
        consumers=(),
        config={"retention.ms": str(14 * _DAY)},
        events=(
            delivery.DownloadGrantedV1,
            delivery.DownloadRedeemedV1,
            delivery.DownloadRefusedV1,
            delivery.DownloadRevokedV1,
        ),
    ),
    Topic(
        name=delivery.RECALL,
        key="notice id",
        producer="delivery",
        public=True,
        consumers=("notifier-recall",),
        config={"retention.ms": str(14 * _DAY)},
        events=(delivery.RecallNoticedV1,),
    ),
)


def _by_type() -> Iterator[tuple[str, type[EventData]]]:
    for topic in TOPICS:
        for event in topic.events:
            yield event.type, event


EVENTS: Mapping[str, type[EventData]] = dict(_by_type())
