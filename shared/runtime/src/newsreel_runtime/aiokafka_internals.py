"""Every touch of aiokafka's insides: what has no public way, why we need it, what is known upstream.

A new version may change each of these. `tests/shared/test_aiokafka_internals.py` fails then, and
`tests/architecture/test_library_internals.py` when another module reaches inside.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator
from typing import Any, Self

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.coordinator.protocol import ConsumerProtocol, ConsumerProtocolMemberMetadata
from aiokafka.errors import KafkaConnectionError, for_code
from aiokafka.partitioner import murmur2
from aiokafka.protocol.admin import DescribeGroupsRequest
from aiokafka.protocol.commit import OffsetFetchResponse_v2, OffsetFetchResponse_v3
from aiokafka.protocol.fetch import FetchRequest
from pydantic import SecretStr

Look = Callable[[Any, Any], Any]


class PasswordNow(str):
    """A secret that aiokafka encodes, and so reads, at each login; a changed file counts from then on.

    aiokafka takes a string for the life of a client. Its callbacks are for OAuth and GSSAPI only.
    """

    _secret: SecretStr

    def __new__(cls, secret: SecretStr) -> Self:
        """The empty string to all but `encode`: nothing prints it."""
        made = super().__new__(cls)
        made._secret = secret
        return made

    def encode(self, *arguments: Any, **options: Any) -> bytes:
        """What the secret is now."""
        return self._secret.get_secret_value().encode(*arguments, **options)


def hashed(key: bytes) -> int:
    """Kafka's own hash of a key, as every client has it: the same key, the same partition.

    aiokafka exports only `DefaultPartitioner`, which wants lists of all partitions for each key.
    """
    return int(murmur2(key) & 0x7FFFFFFF)


# ---- consumers ----


def checked(response: Any) -> Any:
    """`response`, unless it is an error as a whole: raised as the `KafkaError` that it is.

    Of an OffsetFetch, aiokafka looks at the partitions only. A coordinator that still loads names none, which
    is taken for "nothing was ever committed": the topics would be read from their start. Not reported for
    aiokafka; Parsely/pykafka#958 and dpkp/kafka-python#2428 are the same fault of its relatives.
    """
    if isinstance(response, OffsetFetchResponse_v2 | OffsetFetchResponse_v3) and response.error_code:
        raise for_code(response.error_code)
    return response


def look_at_answers(consumer: AIOKafkaConsumer, look: Look) -> None:
    """Have `look` see each request and its answer before aiokafka does; what it returns is the answer.

    aiokafka logs most errors of a fetch (an offset out of range as INFO) and tells its caller of none.
    """
    send: Callable[..., Awaitable[Any]] = consumer._client.send  # noqa: SLF001 (see above)

    async def send_and_look(node: Any, request: Any, **options: Any) -> Any:
        return look(request, await send(node, request, **options))

    consumer._client.send = send_and_look  # noqa: SLF001


def fetch_codes(request: Any, response: Any) -> Iterator[tuple[TopicPartition, int]]:
    """Each partition's error code in the answer to a fetch; nothing for other requests."""
    if isinstance(request, FetchRequest):
        for topic, partitions in response.topics:
            for partition, error_code, *_ in partitions:
                yield TopicPartition(topic, partition), error_code


def positions(consumer: AIOKafkaConsumer) -> dict[TopicPartition, int]:
    """The offset that each assigned partition is read from next; without those that are still looked up.

    aiokafka's `position` waits, for as long as Kafka is away.
    """
    subscription = consumer._subscription.subscription  # noqa: SLF001
    assignment = subscription.assignment if subscription is not None else None
    if assignment is None:
        return {}
    states = ((part, assignment.state_value(part)) for part in assignment.tps)
    return {part: state.position for part, state in states if state.has_valid_position}


def broken(consumer: AIOKafkaConsumer) -> bool:
    """Whether one of aiokafka's own tasks has failed.

    It tells of that at each fetch, for ever, and begins none anew (READ on the group that was taken away for
    a moment ends its heartbeats). aio-libs/aiokafka#335 tells of consumers that do not recover.
    """
    coordinator = consumer._coordinator  # noqa: SLF001
    tasks = [coordinator._coordination_task, coordinator._heartbeat_task, coordinator._commit_refresh_task]  # noqa: SLF001
    tasks.append(consumer._fetcher.error_future)  # noqa: SLF001
    ended = [task for task in tasks if task is not None and task.done() and not task.cancelled()]
    return any(task.exception() is not None for task in ended)


class MarkedAssignor(RoundRobinPartitionAssignor):  # type: ignore[misc]  # aiokafka has no type hints
    """Round robin; `mark` travels with the member's subscription, and a new one makes Kafka rebalance."""

    def __init__(self) -> None:
        self.mark = b""

    def metadata(self, topics: Iterable[str]) -> ConsumerProtocolMemberMetadata:
        """What the group's leader is told of this member."""
        return ConsumerProtocolMemberMetadata(self.version, list(topics), self.mark)


def rejoin(consumer: AIOKafkaConsumer, assignor: MarkedAssignor | None = None) -> None:
    """Join the group again, which looks up committed offsets anew; with `assignor`, the group is rebalanced.

    aiokafka has no public way (Java: `enforceRebalance`, KIP-568).
    """
    if assignor is not None:
        assignor.mark = os.urandom(8)
    consumer._coordinator.request_rejoin()  # noqa: SLF001


async def assigned_to_group(consumer: AIOKafkaConsumer) -> Collection[TopicPartition] | None:
    """What the group's members have been assigned, all together; None while it rebalances, or is not known.

    A static member that comes back gets the assignment that Kafka stored, although partitions or topics have
    been added since, and is not told that it leads the group (KAFKA-13435, KIP-814; aiokafka joins with
    version 5 and knows nothing of it). The admin client would need a connection of its own.
    """
    coordinator = consumer._coordinator  # noqa: SLF001
    if coordinator is None:  # it is starting
        return None
    answer = await coordinator._send_req(DescribeGroupsRequest([coordinator.group_id]))  # noqa: SLF001
    [(error_code, _, state, _, _, members, *_)] = answer.groups
    if error_code:
        raise for_code(error_code)
    if state != "Stable":
        return None
    return {
        part
        for *_, assignment in members
        if assignment
        for part in ConsumerProtocol.ASSIGNMENT.decode(assignment).partitions()
    }


def group_of(consumer: AIOKafkaConsumer) -> str:
    """The consumer's group, which aiokafka keeps to itself."""
    return str(consumer._group_id)  # noqa: SLF001


# ---- producers ----


def partitions_of(producer: AIOKafkaProducer, topic: str) -> Collection[int]:
    """The partitions of a topic that was looked up; none if there are none. aiokafka's own way waits."""
    return producer.client.cluster.partitions_for_topic(topic) or ()


async def look_up(producer: AIOKafkaProducer, topic: str) -> bool:
    """Ask Kafka for `topic`. Says whether it refused; `partitions_of` tells the rest.

    aiokafka's `partitions_for` waits for a topic that does not exist, and cannot tell it from a lost broker.
    """
    client = producer.client
    await client.add_topic(topic)
    if not await client.force_metadata_update():
        raise KafkaConnectionError("no broker answers")
    return topic in client.cluster.unauthorized_topics


def take_back_sequences(producer: AIOKafkaProducer, part: TopicPartition, count: int) -> None:
    """After a refused batch: the broker appended nothing and expects the same sequence numbers again.

    aiokafka counts on, so that everything later is out of order (aio-libs/aiokafka#1017).
    """
    producer._txn_manager.increment_sequence_number(part, -count)  # noqa: SLF001


async def cut_off(producer: AIOKafkaProducer) -> None:
    """End aiokafka's sender without its retries, so that no old batch arrives behind newer ones.

    Its `stop` flushes first, for as long as Kafka is away (aio-libs/aiokafka#1101).
    """
    sender, client = producer._sender.sender_task, producer.client  # noqa: SLF001
    sender.cancel()
    await client.close()
    while not sender.done():
        update = client._md_update_fut  # noqa: SLF001 (nobody answers it any more)
        if update is not None and not update.done():
            update.set_result(False)
        await asyncio.wait({sender}, timeout=0.02)
    producer._message_accumulator.fail_all(KafkaConnectionError("abandoned"))  # noqa: SLF001
