"""Fixtures only."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

import httpx
import pytest

from newsreel_runtime.database import Database
from newsreel_testing.identity_service import Identity


@pytest.fixture
async def identity(service_database: Callable[[str], Awaitable[Database]]) -> AsyncIterator[Identity]:
    """An identity service on an empty database."""
    made = Identity(await service_database("identity"))
    yield made
    made.hashing.close()


@pytest.fixture
async def client(identity: Identity) -> AsyncIterator[httpx.AsyncClient]:
    """A client of that service."""
    async with identity.client() as opened:
        yield opened


@pytest.fixture
def noon() -> datetime:
    """A moment."""
    return datetime(2026, 3, 1, 12, tzinfo=UTC)
