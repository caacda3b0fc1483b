"""Every consumer's own handler takes the golden records of its topics, on a real database."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

import delivery.inbound_kafka
import identity.inbound_kafka
import notifier.inbound_kafka
from newsreel_events import TOPICS, EventData, parse
from newsreel_events.notifier import MailAcceptedV1
from newsreel_events.record_file import RecordFile
from newsreel_runtime.consumer.consumer import Consumer
from newsreel_runtime.database import Database
from newsreel_runtime.settings import Kafka

SUBSCRIBE: dict[str, Callable[[Consumer], None]] = {
    "delivery": delivery.inbound_kafka.subscribe,
    "identity": lambda consumer: consumer.on(MailAcceptedV1, identity.inbound_kafka.mail_accepted),
    "notifier": lambda consumer: notifier.inbound_kafka.subscribe(consumer, lambda: None),
}


class Handlers(Consumer):
    """Remembers the handlers instead of calling them from Kafka."""

    def __init__(self, service: str, database: Database) -> None:
        super().__init__(service, Kafka(bootstrap="127.0.0.1:1"), database)
        self.by_type: dict[str, Callable[..., Awaitable[None]]] = {}

    def on(self, event: type[EventData], handler: Callable[..., Awaitable[None]], **more: Any) -> None:
        """As the services call it."""
        super().on(event, handler, **more)
        self.by_type[event.type] = handler


def test_every_consumer_of_the_table_is_here() -> None:
    assert SUBSCRIBE.keys() == {service for topic in TOPICS for service in topic.consumers}


@pytest.mark.parametrize("service", SUBSCRIBE)
async def test_its_handlers_take_the_golden_records(
    service: str,
    golden: dict[str, RecordFile],
    service_database: Callable[[str], Awaitable[Database]],
) -> None:
    database = await service_database(service)
    handlers = Handlers(service, database)
    SUBSCRIBE[service](handlers)
    assert handlers.by_type.keys() == handlers.types
    for event_type, handler in handlers.by_type.items():
        record = golden[event_type]
        envelope, event = parse(record.headers, record.key.encode(), record.value)
        async with database.begin() as tx:
            await handler(tx, event, envelope)
