"""Fixtures only."""

from collections.abc import AsyncIterator

import pytest

from newsreel_testing.portal import ORIGIN, Portal, open_portal


@pytest.fixture
async def portal() -> AsyncIterator[Portal]:
    """The portal over plain http, with a browser that has been nowhere yet."""
    async with open_portal(ORIGIN) as opened:
        yield opened


@pytest.fixture
async def secure_portal() -> AsyncIterator[Portal]:
    """The portal over https."""
    async with open_portal("https://portal.test") as opened:
        yield opened
