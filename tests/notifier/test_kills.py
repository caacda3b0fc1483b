"""M6: kill -9 where a mail may be: it arrives, and twice only after the server's 250. A replay sends none."""

import signal
from collections.abc import AsyncIterator
from functools import partial
from uuid import UUID

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import CommitFailedError

from newsreel_events.identity import CODE, SignupCodeRequestedV1
from newsreel_runtime.database import Database
from newsreel_runtime.ids import new_id
from newsreel_runtime.kafka import connection_options
from newsreel_runtime.settings import Kafka, Postgres
from newsreel_testing.bus import foreign_producer, partitions, send
from newsreel_testing.databases import Databases
from newsreel_testing.environment import environment_of
from newsreel_testing.fake_smtp import MailServer, Queue, a_request
from newsreel_testing.sender_process import sender_environment, sender_process
from newsreel_testing.wait_until import until
from notifier.inbound_kafka import GROUP


@pytest.fixture
async def postgres(databases: Databases) -> AsyncIterator[Postgres]:
    async with databases.fresh("notifier") as made:
        yield made


@pytest.fixture
async def queue(postgres: Postgres) -> AsyncIterator[Queue]:
    async with Database.open(postgres) as database:
        yield Queue(database)


@pytest.mark.parametrize(
    ("point", "copies"),
    [
        ("mail.claimed", 1),
        ("mail.delivered", 2),  # the one window: counted, and looked at (docs/metrics.md)
        ("mail.recorded", 1),
    ],
)
async def test_m6_a_killed_sender_loses_nothing(
    queue: Queue, postgres: Postgres, server: MailServer, point: str, copies: int
) -> None:
    variables = sender_environment(postgres, server.port)
    request = await queue.add()
    async with sender_process(variables | {"NEWSREEL_FAILPOINTS": point}) as doomed:
        assert await doomed.wait() == -signal.SIGKILL
    assert (await queue.row(request)).state == ("accepted" if point == "mail.recorded" else "sending")
    assert len(server.arrived) == (0 if point == "mail.claimed" else 1)
    another = await queue.add()
    async with sender_process(variables) as other:
        for mail in (request, another):
            await until(partial(queue.in_state, mail, "accepted"), "the mail", deadline=30)
        other.terminate()
        assert await other.wait() == 0
    assert _copies(server, request.reference_id) == copies
    assert len({arrived.message["Message-ID"] for arrived in server.arrived}) == 2
    assert (await queue.row(request)).losses == (0 if point == "mail.recorded" else 1)
    assert await queue.events() == ["accepted"] * 2


async def test_m6_killed_before_the_claim_and_the_topic_replayed_from_its_beginning(
    queue: Queue, postgres: Postgres, server: MailServer, kafka: Kafka
) -> None:
    """Even with an inbox that has forgotten the event: a generation is mailed once."""
    variables = sender_environment(postgres, server.port) | environment_of(kafka)
    event = SignupCodeRequestedV1.model_validate(_fields(new_id()))
    async with foreign_producer(kafka) as producer:
        envelope = await send(producer, event)
    async with sender_process(variables | {"NEWSREEL_FAILPOINTS": "mail.queued"}, _ROLES) as doomed:
        assert await doomed.wait() == -signal.SIGKILL
    assert server.arrived == []
    for forgotten in (False, True):
        if forgotten:
            await queue.execute("DELETE FROM inbox")
            await _to_the_beginning(kafka)
        async with sender_process(variables, _ROLES) as other:
            await until(partial(_handled, queue, envelope.id), "the event in the inbox", deadline=60)
            await until(partial(_sent, queue, event.challenge_id), "the mail", deadline=30)
            other.terminate()
            assert await other.wait() == 0
        assert _copies(server, event.challenge_id) == 1


_ROLES = "consume,timer"


def _fields(challenge_id: UUID) -> dict[str, object]:
    request = a_request()
    return {
        "challenge_id": challenge_id,
        "generation": 1,
        "kid": "k1",
        "address": request.address,
        "locale": "en",
        "requested_at": request.send_before,
        "send_before": request.send_before,
    }


def _copies(server: MailServer, reference_id: UUID) -> int:
    return sum(str(reference_id) in arrived.message["Message-ID"] for arrived in server.arrived)


async def _handled(queue: Queue, ce_id: UUID) -> bool:
    async with queue.database.read() as connection:
        return bool(await connection.fetchval("SELECT count(*) FROM inbox WHERE ce_id = $1", ce_id))


async def _sent(queue: Queue, reference_id: UUID) -> bool:
    sql = "SELECT state FROM mail WHERE reference_id = $1"
    async with queue.database.read() as connection:
        return [row["state"] for row in await connection.fetch(sql, reference_id)] == ["accepted"]


async def _to_the_beginning(kafka: Kafka) -> None:
    """The group reads the topic from its first record again."""
    consumer = AIOKafkaConsumer(**connection_options(kafka), group_id=GROUP, enable_auto_commit=False)
    await consumer.start()
    try:
        parts = await partitions(kafka, [CODE])
        consumer.assign(parts)

        async def is_set() -> bool:
            # Until Kafka has noticed that the killed one is dead, the group takes nobody else's commit.
            try:
                await consumer.commit(dict.fromkeys(parts, 0))
            except CommitFailedError:
                return False
            return True

        await until(is_set, "the group to be empty", deadline=60)
    finally:
        await consumer.stop()
