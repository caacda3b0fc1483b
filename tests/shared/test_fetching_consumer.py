"""The consumer below FastStream: no error leaves a fetch, none spins, and what may not be read is known."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import (
    GroupLoadInProgressError,
    KafkaError,
    NotCoordinatorForGroupError,
    TopicAuthorizationFailedError,
    UnknownError,
    UnsupportedCodecError,
)
from aiokafka.protocol.commit import OffsetFetchResponse_v1, OffsetFetchResponse_v3
from aiokafka.protocol.group import HeartbeatRequest

from newsreel_events.notifier import MAIL
from newsreel_runtime.aiokafka_internals import checked, look_at_answers
from newsreel_runtime.consumer.fetching_consumer import FetchingConsumer, refused_topics
from newsreel_runtime.consumer.health import ConsumerHealth
from newsreel_runtime.kafka import connection_options
from newsreel_runtime.settings import Kafka
from newsreel_testing.bus import foreign_producer, send
from newsreel_testing.consumer_harness import an_event
from newsreel_testing.relay_harness import make_topic
from newsreel_testing.wait_until import until

NOTHING = "nothing.of.ours"


class Flaky(AIOKafkaConsumer):  # type: ignore[misc]  # aiokafka has no type hints
    """Below ours: its fetches meet what is in `failures` first, and with `hanging` have no end.

    Those that have records lose them to what is in `spoilt`. With `heartless`, heartbeats are answered with
    an error that aiokafka does not know. The first `loading` times that it asks for its group's offsets, the
    coordinator is still loading.
    """

    failures: Sequence[Exception] = ()
    spoilt: Sequence[Exception] = ()
    hanging = False
    loading = 0
    heartless = False

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        look_at_answers(self, self._spoil)

    def _spoil(self, request: Any, answer: Any) -> Any:
        if isinstance(answer, OffsetFetchResponse_v3) and self.loading:
            self.loading -= 1
            return OffsetFetchResponse_v3(0, [], GroupLoadInProgressError.errno)
        if isinstance(request, HeartbeatRequest) and self.heartless:
            answer.error_code = UnknownError.errno
        return answer

    async def getmany(self, *partitions: TopicPartition, **options: Any) -> Any:
        if self.hanging:
            await asyncio.Event().wait()
        if self.failures:
            failure, *self.failures = self.failures
            raise failure
        fetched = await super().getmany(*partitions, **options)
        if fetched and self.spoilt:
            failure, *self.spoilt = self.spoilt
            raise failure
        return fetched


class Consumer(FetchingConsumer, Flaky):
    """Ours, on a connection that fails when it is told to; `met` has the errors of each fetch."""

    def __init__(self, **options: Any) -> None:
        self.met: list[Sequence[Exception]] = []
        super().__init__(self.met.append, ConsumerHealth(300), **options)


@asynccontextmanager
async def reading(kafka: Kafka) -> AsyncIterator[Consumer]:
    consumer = Consumer(group_id="fetching", **connection_options(kafka))
    consumer.subscribe([MAIL])
    try:
        await consumer.start()
        for part in consumer.assignment():
            await consumer.position(part)
        yield consumer
    finally:
        await consumer.stop()


async def test_a_fetch_may_fail_as_often_as_it_likes(kafka: Kafka) -> None:
    failures = [KafkaError("x"), TopicAuthorizationFailedError(MAIL), ValueError("no error of Kafka's")] * 5
    event = an_event()
    async with reading(kafka) as consumer, foreign_producer(kafka) as producer:
        consumer.failures = failures
        await send(producer, event)

        async def record() -> bool:
            fetched = await consumer.getmany()
            return any(record.key == event.key.encode() for some in fetched.values() for record in some)

        await until(record, "the record behind the failures", deadline=30)
    assert [error for errors in consumer.met for error in errors] == failures


async def test_a_fetch_that_fails_with_records_in_hand_reads_them_again(kafka: Kafka) -> None:
    """Trial C4: so does aiokafka when a batch of one partition cannot be unpacked."""
    events = [an_event() for _ in range(5)]
    async with reading(kafka) as consumer, foreign_producer(kafka) as producer:
        for event in events:
            await send(producer, event)
        consumer.spoilt = [UnsupportedCodecError("x"), ValueError("y")]
        keys: list[bytes] = []

        async def all_records() -> bool:
            fetched = await consumer.getmany()
            keys.extend(record.key for records in fetched.values() for record in records)
            return len(keys) >= len(events)

        await until(all_records, "all records", deadline=30)
        assert sorted(keys) == sorted(event.key.encode() for event in events)
        assert consumer.failing == "ValueError"
        assert not consumer.broken


async def test_a_fetch_that_fails_for_ever_does_not_spin(kafka: Kafka) -> None:
    async with reading(kafka) as consumer:
        consumer.failures = [KafkaError("x")] * 100_000
        ended = asyncio.Event()
        asyncio.get_running_loop().call_later(0.5, ended.set)
        while not ended.is_set():
            assert await consumer.getmany() == {}
        assert len(consumer.met) <= 3, "pauses of 0.1, 0.2 and 0.5 s"


async def test_a_group_that_gives_out_nothing_does_not_hold_the_loop(kafka: Kafka) -> None:
    async with reading(kafka) as consumer:
        consumer.hanging = True
        async with asyncio.timeout(30):
            assert await consumer.getmany() == {}
        assert consumer.met == [[]], "the loop turns, for whoever asks whether it lives"


async def test_what_was_assigned_is_not_yet_read(kafka: Kafka) -> None:
    async with reading(kafka) as consumer:

        async def fetches() -> bool:
            await consumer.getmany()
            return consumer.fetches

        await until(fetches, "an answer for each partition")
        assert not consumer.broken
    unread = Consumer(**connection_options(kafka))
    try:
        unread.assign([TopicPartition(MAIL, 0)])
        assert not unread.fetches
    finally:
        await unread.stop()


async def test_a_task_of_aiokafka_that_failed_is_seen(kafka: Kafka) -> None:
    async with reading(kafka) as consumer:
        consumer.heartless = True
        await until(lambda: broken(consumer), "that it has broken")


async def broken(consumer: Consumer) -> bool:
    await consumer.getmany()
    return consumer.broken


@pytest.mark.parametrize(
    ("error", "names"),
    [
        (TopicAuthorizationFailedError(MAIL), {MAIL}),
        (TopicAuthorizationFailedError({MAIL, NOTHING}), {MAIL, NOTHING}),
        (TopicAuthorizationFailedError(frozenset({MAIL})), {MAIL}),
        (KafkaError(MAIL), set()),
        (ValueError(MAIL), set()),
    ],
)
def test_the_topics_of_a_refusal_are_named(error: Exception, names: set[str]) -> None:
    assert refused_topics(error) == names


@pytest.mark.parametrize("error", [GroupLoadInProgressError, NotCoordinatorForGroupError])
def test_offsets_that_are_refused_as_a_whole_are_no_offsets(error: type[KafkaError]) -> None:
    """What a coordinator that still loads answers, byte for byte."""
    answer = OffsetFetchResponse_v3.decode(OffsetFetchResponse_v3(0, [], error.errno).encode())
    with pytest.raises(error) as raised:
        checked(answer)
    assert raised.value.retriable, "so that aiokafka asks again"


@pytest.mark.parametrize("kind", [Consumer, Flaky])
async def test_a_coordinator_that_still_loads_is_asked_again(kafka: Kafka, kind: type[Flaky]) -> None:
    part = TopicPartition(f"fetching.{uuid4()}", 0)
    options = {"group_id": part.topic, "auto_offset_reset": "earliest"}
    await make_topic(kafka, part.topic)
    async with foreign_producer(kafka) as producer:
        for _ in range(5):
            await producer.send_and_wait(part.topic, b"{}", partition=0)
    consumer = kind(**options, **connection_options(kafka))
    consumer.loading = 3
    try:
        await consumer.start()
        consumer.assign([part])
        await consumer.commit({part: 5})
        consumer.unsubscribe()
        consumer.assign([part])
        begins = await consumer.position(part)
    finally:
        await consumer.stop()
    if kind is Consumer:
        assert (begins, consumer.loading) == (5, 0)
    else:
        assert begins == 0, "aiokafka alone begins at the start; once it does not, `checked` may go"


@pytest.mark.parametrize(
    "answer",
    [
        OffsetFetchResponse_v3(0, [(MAIL, [(0, 5, "", 0)])], 0),
        OffsetFetchResponse_v1([(MAIL, [(0, -1, "", 14)])]),  # aiokafka looks at these itself
        object(),
    ],
)
def test_any_other_answer_is_left_alone(answer: object) -> None:
    assert checked(answer) is answer
