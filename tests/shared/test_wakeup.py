"""Waking up: no wake is lost, whatever the moment."""

import asyncio

from newsreel_runtime.wakeup import Wakeup, pause


async def test_a_wake_before_the_wait_ends_it() -> None:
    wakeup = Wakeup()
    wakeup.wake()
    wakeup.wake()
    assert await wakeup.wait(60)
    assert not await wakeup.wait(0.001), "many wakes are one"


async def test_a_wake_at_the_moment_of_the_timeout_is_not_lost() -> None:
    """Review D8: it was cleared and reported as a timeout."""
    loop = asyncio.get_running_loop()
    for _ in range(50):
        wakeup = Wakeup()
        loop.call_at(loop.time() + 0.002, wakeup.wake)
        woken = await wakeup.wait(0.002)
        assert woken or await wakeup.wait(60)


async def test_a_pause_ends_when_the_process_stops() -> None:
    stopping = asyncio.Event()
    await pause(stopping, 0.001)
    stopping.set()
    await asyncio.wait_for(pause(stopping, 60), 10)
