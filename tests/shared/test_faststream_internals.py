"""What we use inside FastStream does what we think; each fails when a version changes it."""

from functools import partial
from typing import Any

from aiokafka import AIOKafkaConsumer
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.security import SASLScram512

from newsreel_events.notifier import MAIL
from newsreel_runtime import faststream_internals as internals
from newsreel_runtime.settings import Kafka
from newsreel_testing.bus import foreign_producer
from newsreel_testing.wait_until import until


class Ours(AIOKafkaConsumer):  # type: ignore[misc]  # aiokafka has no type hints
    """Keeps what it was made with."""

    def __init__(self, mark: str, **options: Any) -> None:
        super().__init__(**options)
        self.mark, self.options = mark, options


async def test_a_broker_reads_with_our_consumer_and_knows_when_its_loop_ends(kafka: Kafka) -> None:
    assert kafka.user is not None
    assert kafka.password is not None
    security = SASLScram512(kafka.user, kafka.password.get_secret_value())
    broker = KafkaBroker(
        kafka.bootstrap,
        security=security,
        client_id="ours",
        apply_types=False,
        logger=None,
        ack_policy=AckPolicy.NACK_ON_ERROR,
        consumer_only=True,
    )
    subscriber = broker.subscriber(
        MAIL, batch=True, batch_timeout_ms=100, group_id="faststream-internals", auto_offset_reset="earliest"
    )
    taken: list[Any] = []

    async def take(records: tuple[Any, ...]) -> None:
        taken.extend(records)

    async def parse(records: Any) -> Any:
        return internals.as_message(records, internals.consumer_of(subscriber))

    async def decode(message: Any) -> Any:
        return message.raw_message

    subscriber(take, parser=parse, decoder=decode)
    assert internals.consumer_of(subscriber) is None
    assert not internals.loop_has_ended(subscriber)
    await broker.connect()
    internals.build_consumers_with(broker, partial(Ours, "mark"))
    await broker.start()
    consumer = internals.consumer_of(subscriber)
    assert isinstance(consumer, Ours)
    assert (consumer.mark, consumer.options["client_id"]) == ("mark", "ours")
    assert consumer.options["sasl_plain_username"] == kafka.user
    async with foreign_producer(kafka) as producer:
        await producer.send_and_wait(MAIL, b"\xff", headers=[("foreign", b"\xff")])

    async def came() -> bool:
        return any(record.value == b"\xff" for record in taken)

    await until(came, "the record, as it is")
    assert not internals.loop_has_ended(subscriber)
    await consumer.stop()  # below FastStream, whose loop ends then

    async def ended() -> bool:
        return internals.loop_has_ended(subscriber)

    await until(ended, "the end of the loop")
    await broker.stop()
