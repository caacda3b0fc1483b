"""A database that cannot work now pauses a consumer, which goes on by itself: trials C6 and C12."""

from functools import partial

import pytest

from newsreel_events import catalog, notifier
from newsreel_events.identity import AccountVerifiedV1
from newsreel_runtime.consumer.consumer import Consumer
from newsreel_runtime.database import Database
from newsreel_runtime.settings import Kafka, Postgres
from newsreel_testing.bus import foreign_producer, send
from newsreel_testing.consumer_harness import an_event, effects, make_effects, note, running
from newsreel_testing.databases import Databases
from newsreel_testing.wait_until import until

# what is broken → the statements of an administrator that break it, and that mend it
BROKEN = {
    "no writes are taken": (
        "ALTER DATABASE {name} SET default_transaction_read_only = on",
        "ALTER DATABASE {name} RESET default_transaction_read_only",
    ),
    "a column is missing": (
        "ALTER TABLE effect RENAME generation TO generation_before",
        "ALTER TABLE effect RENAME generation_before TO generation",
    ),
    "a table is missing": ("ALTER TABLE effect RENAME TO later", "ALTER TABLE later RENAME TO effect"),
    "a table of the runtime is missing": (
        "ALTER TABLE parked_record RENAME TO later",
        "ALTER TABLE later RENAME TO parked_record",
    ),
    "a right is missing": (
        "REVOKE INSERT ON effect FROM {user}",
        "GRANT INSERT ON effect TO {user}",
    ),
    "nobody may connect": (
        "ALTER DATABASE {name} ALLOW_CONNECTIONS false",
        "ALTER DATABASE {name} ALLOW_CONNECTIONS true",
    ),
}


async def administrate(databases: Databases, postgres: Postgres, statement: str) -> None:
    """Run it, and end the sessions of the consumer, whose plans and settings are those of before."""
    where = "postgres" if statement.startswith("ALTER DATABASE") else postgres.database
    connection = await databases.connect(where)
    try:
        await connection.execute(statement.format(name=postgres.database, user=postgres.user))
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1", postgres.user
        )
    finally:
        await connection.close()


@pytest.mark.parametrize("broken", BROKEN)
async def test_it_pauses_and_goes_on_by_itself(broken: str, databases: Databases, kafka: Kafka) -> None:
    breaks, mends = BROKEN[broken]
    async with databases.fresh("newsreel_runtime") as admin, Database.open(admin) as owners:
        await make_effects(owners)
        login = await databases.login(admin)
        async with Database.open(login) as database:
            consumer = Consumer("identity", kafka, database)
            consumer.on(notifier.MailAcceptedV1, note)
            events = [an_event() for _ in range(3)]
            async with foreign_producer(kafka) as producer, running(consumer):
                await administrate(databases, login, breaks)
                for event in events:
                    await send(producer, event)

                async def paused() -> bool:
                    reason = consumer.why_not_ready() or ""
                    return reason.startswith("consuming is paused: a dependency is broken (")

                await until(paused, "the pause")
                await administrate(databases, login, mends)
                for event in events:
                    await until(partial(effects, owners, event.key), "its effect")

                async def ready() -> bool:
                    return consumer.why_not_ready() is None

                await until(ready, "readiness")
        async with owners.read() as sql:
            assert await sql.fetchval("SELECT count(*) FROM parked_record") == 0


async def test_a_compacted_topic_without_a_tombstone_handler_does_not_start(
    databases: Databases, kafka: Kafka, caplog: pytest.LogCaptureFixture
) -> None:
    """Review D4: records that ask to be forgotten were dropped in silence."""

    async def take(*_: object) -> None:
        """Whatever comes."""

    async with databases.open("newsreel_runtime") as database:
        consumer = Consumer("delivery", kafka, database)
        consumer.on(AccountVerifiedV1, take)
        consumer.on(catalog.VideoPublishedV1, take)
        consumer.on_tombstone(catalog.VIDEO, take)
        with pytest.raises(ValueError, match="needs a tombstone handler"):
            async with running(consumer):
                pass
    assert "delivery: no tombstone handler for compacted identity.account.v1" in caplog.text
