"""Fixtures only: a real queue, and a mail server in the test's own process."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from newsreel_runtime.database import Database
from newsreel_testing.fake_smtp import MailServer, Queue, mail_server


@pytest.fixture
async def database(service_database: Callable[[str], Awaitable[Database]]) -> Database:
    return await service_database("notifier")


@pytest.fixture
def queue(database: Database) -> Queue:
    return Queue(database)


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with mail_server() as running:
        yield running
