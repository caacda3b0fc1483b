"""Every touch of FastStream's insides: what has no public way, why we need it, what is known upstream.

A new version may change each of these. `tests/shared/test_faststream_internals.py` fails then, and
`tests/architecture/test_library_internals.py` when another module reaches inside.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from aiokafka import AIOKafkaConsumer
from faststream.kafka import KafkaBroker
from faststream.kafka.message import KafkaAckableMessage
from faststream.kafka.subscriber.usecase import BatchSubscriber


def build_consumers_with(broker: KafkaBroker, build: Callable[..., AIOKafkaConsumer]) -> None:
    """Have `broker` build its consumers with `build`, which gets the options that aiokafka's class would.

    FastStream names aiokafka's class and passes on the options that it knows (ag2ai/faststream#2868 asks for
    one more). `connect` sets the builder, so this follows it.
    """
    config = broker.config.broker_config
    keywords = config.builder.keywords if isinstance(config.builder, partial) else {}
    config.builder = partial(build, **keywords)


def consumer_of(subscriber: BatchSubscriber) -> Any:
    """The consumer that the subscriber reads from, or None before its start. FastStream hands it out with
    messages only, and readiness is asked for without one."""
    return subscriber.consumer


def as_message(records: tuple[Any, ...], consumer: Any) -> KafkaAckableMessage:
    """What FastStream hands over and acknowledges: the records as they are, since foreign headers need not be
    text, as its own parser expects."""
    first = records[0]
    message_id = f"{first.topic}-{first.partition}@{first.offset}"
    return KafkaAckableMessage(body=b"", raw_message=records, message_id=message_id, consumer=consumer)


def loop_has_ended(subscriber: BatchSubscriber) -> bool:
    """Whether it was started and its fetch loop has ended, which FastStream tells nobody."""
    return bool(subscriber.tasks) and all(task.done() for task in subscriber.tasks)
