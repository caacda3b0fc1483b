"""The services' consumers as they are, without a broker: records are given to them by hand."""

from collections.abc import Callable

from aiokafka import ConsumerRecord

import delivery.inbound_kafka
import identity.inbound_kafka
import notifier.inbound_kafka
from newsreel_events.record_file import RecordFile
from newsreel_runtime.consumer.consumer import Consumer
from newsreel_runtime.consumer.record import Record
from newsreel_runtime.database import Database
from newsreel_runtime.settings import Kafka

NOWHERE = Kafka(bootstrap="127.0.0.1:1")  # what is parked would never leave
CREATE: dict[str, Callable[[Database], Consumer]] = {
    "delivery": lambda database: delivery.inbound_kafka.create_consumer(NOWHERE, database),
    "identity": lambda database: identity.inbound_kafka.create_consumer(NOWHERE, database),
    "notifier": lambda database: notifier.inbound_kafka.create_consumer(NOWHERE, database, lambda _: None),
    "notifier-recall": lambda database: notifier.inbound_kafka.create_recall_consumer(
        NOWHERE, database, lambda _: None
    ),
    "notifier-newsletter": lambda database: notifier.inbound_kafka.create_newsletter_consumer(
        NOWHERE, database
    ),
}


def a_record(
    topic: str,
    offset: int,
    key: str,
    value: bytes | None = None,
    headers: RecordFile | None = None,
) -> Record:
    """As it comes from partition 0."""
    sent = tuple(headers.headers) if headers is not None else ()
    size = len(value or b"")
    return ConsumerRecord(topic, 0, offset, 0, 0, key.encode(), value, None, len(key), size, sent)
