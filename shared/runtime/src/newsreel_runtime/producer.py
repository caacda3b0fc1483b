"""The one kind of Kafka producer; an import contract says which modules may start one."""

from typing import Any, TypeAlias

from aiokafka import AIOKafkaProducer

from newsreel_runtime.kafka import connection_options, cut_connections
from newsreel_runtime.settings import Kafka

Producer: TypeAlias = AIOKafkaProducer


async def started_producer(settings: Kafka, client_id: str, **options: Any) -> AIOKafkaProducer:
    """A started producer that neither loses nor repeats what Kafka acknowledged; the caller stops it.

    Raises `aiokafka.errors.KafkaError` when Kafka is away; nothing is left open then.
    """
    producer = AIOKafkaProducer(
        client_id=client_id,
        enable_idempotence=True,
        acks="all",
        linger_ms=0,
        **options,
        **connection_options(settings),
    )
    try:
        with cut_connections():
            await producer.start()
    except BaseException:
        await producer.stop()
        raise
    return producer
