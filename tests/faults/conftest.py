"""Fixtures of the tests that kill."""

from collections.abc import Iterator

import pytest

from newsreel_proving.forked_process import stop_fork_server


@pytest.fixture(scope="session", autouse=True)
def _nothing_is_left_running() -> Iterator[None]:
    """The fork server ends with the tests."""
    yield
    stop_fork_server()
