"""Fixtures only."""

from collections.abc import AsyncIterator

import pytest

from newsreel_testing.databases import Databases
from newsreel_testing.portal import Portal, open_portal
from newsreel_testing.portal_services import Services, open_services


@pytest.fixture(scope="session")
async def services(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Services]:
    """Identity, catalog and delivery."""
    async with open_services(databases, tmp_path_factory.mktemp("media")) as opened:
        yield opened


@pytest.fixture
async def portal(services: Services) -> AsyncIterator[Portal]:
    """The portal over plain http, with a browser that has been nowhere yet."""
    async with open_portal(services) as opened:
        yield opened


@pytest.fixture
async def secure_portal(services: Services) -> AsyncIterator[Portal]:
    """The portal over https."""
    async with open_portal(services, "https://portal.test") as opened:
        yield opened
