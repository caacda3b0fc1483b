"""Fixtures of the tests that kill."""

from collections.abc import Iterator

import pytest

from newsreel_proving.life import end_forking


@pytest.fixture(scope="session", autouse=True)
def _nothing_is_left_running() -> Iterator[None]:
    """What the lives were forked from ends with the tests."""
    yield
    end_forking()
