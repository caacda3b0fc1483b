"""Fixtures only."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from newsreel_runtime.database import Database
from newsreel_testing.delivery_service import Delivery


@pytest.fixture
async def delivery(service_database: Callable[[str], Awaitable[Database]], tmp_path: Path) -> Delivery:
    """A delivery service on an empty database and an empty folder."""
    return Delivery(await service_database("delivery"), tmp_path)


@pytest.fixture
async def client(delivery: Delivery) -> AsyncIterator[httpx.AsyncClient]:
    """A client of that service."""
    async with delivery.client() as opened:
        yield opened
