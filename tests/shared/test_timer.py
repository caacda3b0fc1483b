"""Timers outlive whatever happens to the database: review D2."""

import asyncio

import asyncpg
import pytest

from newsreel_runtime.timer import every

ERRORS = [
    asyncpg.InternalClientError("got result for unknown protocol state 3"),  # PostgreSQL died inside BEGIN
    asyncpg.InterfaceError("the pool is closing"),
    asyncpg.AdminShutdownError("terminating connection"),
    asyncpg.DeadlockDetectedError("deadlock"),
    ConnectionResetError(),
    TimeoutError(),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
async def test_a_turn_that_the_database_fails_is_tried_again(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    stopping = asyncio.Event()
    errors = [error]

    async def work() -> None:
        if errors:
            raise errors.pop()
        stopping.set()

    await asyncio.wait_for(every(0.001, "the work", work)(stopping), 30)
    assert f"the work failed, next try in 0 s: {type(error).__name__}" in caplog.text


async def test_another_error_ends_it() -> None:
    async def work() -> None:
        raise KeyError

    with pytest.raises(KeyError):
        await asyncio.wait_for(every(60, "the work", work)(asyncio.Event()), 30)
