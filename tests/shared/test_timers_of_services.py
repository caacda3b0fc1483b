"""The timers of every service outlive whatever its database answers, PostgreSQL's death inside BEGIN too."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import pytest

import catalog.inbound_timer
import delivery.inbound_timer
import identity.inbound_kafka
import identity.inbound_timer
import notifier.inbound_timer
from newsreel_runtime.database import DATABASE_AWAY, Database
from newsreel_runtime.publisher.watch import Watch
from newsreel_runtime.settings import Kafka, Postgres
from newsreel_runtime.sql import Sql
from newsreel_runtime.timer import Timer, every
from newsreel_runtime.transaction import Tx
from newsreel_testing.databases import Databases
from newsreel_testing.fake_smtp import KEYS, PORTAL, SENDER
from newsreel_testing.wait_until import free_port, until
from notifier.domain.mime import MailTemplates
from notifier.domain.schedule import Schedule
from notifier.outbound_smtp import SmtpPool, SmtpServer
from notifier.store.queue import CODES
from notifier.templates import read_texts
from notifier.usecases.write_mail import code_writer
from notifier.worker.sender import MailSender


class FailingDatabase(Database):
    """Each use of it raises; counts them."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.uses = 0

    async def _fail(self) -> Any:
        self.uses += 1
        raise self.error

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Tx]:
        yield await self._fail()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Sql]:
        yield await self._fail()


def watch_outbox(database: Database) -> Sequence[Timer]:
    return (Watch(database, every=0.001).run,)


def consume(database: Database) -> Sequence[Timer]:
    return identity.inbound_kafka.create_consumer(Kafka(bootstrap="127.0.0.1:1"), database).timers


def send_mail(database: Database) -> Sequence[Timer]:
    pool = SmtpPool(SmtpServer("mx.invalid", 25, "none"), SENDER.address)
    templates = MailTemplates(read_texts(), SENDER, PORTAL)
    sender = MailSender(database, CODES, pool, code_writer(templates, KEYS), timedelta(seconds=60))
    return (sender.run,)


CREATE: dict[str, Callable[[Database], Sequence[Timer]]] = {
    "identity": identity.inbound_timer.create_timers,
    "catalog": catalog.inbound_timer.create_timers,
    "delivery": delivery.inbound_timer.create_timers,
    "notifier": lambda database: notifier.inbound_timer.create_timers(
        database, Schedule.parse("daily 06:00 UTC"), lambda: None
    ),
    "outbox": watch_outbox,
    "consumer": consume,
    "mail": send_mail,
}
ERRORS = [*DATABASE_AWAY, asyncpg.exceptions.ProtocolError, asyncpg.DeadlockDetectedError, TimeoutError]


async def goes_on(create: Callable[[Database], Sequence[Timer]], error: Exception) -> None:
    """Each timer of it has met `error`, and stops when it is told to, not before."""
    for number in range(len(create(FailingDatabase(error)))):
        database, stopping = FailingDatabase(error), asyncio.Event()

        async def was_used(database: FailingDatabase = database) -> bool:
            return database.uses > 0

        running = asyncio.ensure_future(create(database)[number](stopping))
        await until(was_used, "the timer asks the database", pause=0.001)
        for _ in range(5):
            await asyncio.sleep(0)  # the turn that failed ends
        assert not running.done(), f"{type(error).__name__} ended the timer: {running}"
        stopping.set()
        await asyncio.wait_for(running, 10)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
@pytest.mark.parametrize("service", CREATE)
async def test_a_timer_outlives_each_error_of_a_database(service: str, error: type[Exception]) -> None:
    """Review D2: InternalClientError, PostgreSQL's death inside BEGIN, ended identity and the notifier."""
    await goes_on(CREATE[service], error("cannot switch to state 15"))


async def test_a_turn_that_the_database_failed_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    stopping = asyncio.Event()
    errors = [TimeoutError()]

    async def work() -> None:
        if errors:
            raise errors.pop()
        stopping.set()

    await asyncio.wait_for(every(0.001, "the work", work)(stopping), 30)
    assert "the work failed, next try in 0 s: TimeoutError" in caplog.text


async def test_a_fault_of_the_work_itself_ends_it() -> None:
    async def work() -> None:
        raise KeyError

    with pytest.raises(KeyError):
        await asyncio.wait_for(every(60, "the work", work)(asyncio.Event()), 30)


def test_no_service_with_timers_is_left_out() -> None:
    services = Path(__file__).parents[2] / "services"
    assert {file.parent.name for file in services.glob("*/src/*/inbound_timer.py")} <= set(CREATE)


_READY = b"Z\0\0\0\5I"
_FIELDS = b"SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0"
_FATAL = b"E" + (len(_FIELDS) + 4).to_bytes(4) + _FIELDS


async def dies_before_begin(
    behind: Postgres, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """PostgreSQL that says on each idle connection that it dies, and takes no more data."""
    far_reader, far_writer = await asyncio.open_connection(behind.host, behind.port)

    async def ask() -> None:
        while data := await reader.read(65_536):
            far_writer.write(data)

    asking = asyncio.ensure_future(ask())
    data = b""
    while not data.endswith(_READY):
        writer.write(data)
        data = await far_reader.read(65_536)
    writer.write(data + _FATAL)
    await asking
    far_writer.transport.abort()
    writer.transport.abort()


@pytest.mark.parametrize("service", ["identity", "notifier"])
async def test_a_timer_outlives_a_postgresql_that_dies_inside_begin(
    service: str, databases: Databases, caplog: pytest.LogCaptureFixture
) -> None:
    async with databases.fresh(service) as behind:
        settings = behind.model_copy(update={"host": "127.0.0.1", "port": free_port()})
        listening = await asyncio.start_server(partial(dies_before_begin, behind), "127.0.0.1", settings.port)
        async with listening, Database.open(settings) as database:
            timer, *_ = CREATE[service](database)
            stopping = asyncio.Event()
            running = asyncio.ensure_future(timer(stopping))

            def failures() -> list[str]:
                ours = (record for record in caplog.records if record.name.startswith("newsreel_runtime"))
                return [record.getMessage() for record in ours]

            async def said() -> bool:
                return running.done() or bool(failures())

            await until(said, "the failure is logged", pause=0.001)
            assert not running.done(), str(running)
            # Which of the two asyncpg raises depends on how much of the answer has arrived.
            assert failures()[0].endswith((": InternalClientError", ": InterfaceError"))
            stopping.set()
            await asyncio.wait_for(running, 10)
