"""A bell for a loop that waits: rung by others, or by the clock."""

import asyncio


class Wakeup:
    """Rings are never lost and never pile up: many before a wait are one."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def wake(self) -> None:
        """End the present or the next wait."""
        self._rung.set()

    async def wait(self, timeout: float) -> bool:  # noqa: ASYNC109 (the wait's own meaning, not a limit on work)
        """Until rung, or `timeout` seconds. Says whether it was rung."""
        try:
            async with asyncio.timeout(timeout):
                await self._rung.wait()
        except TimeoutError:
            return False
        else:
            return True
        finally:
            self._rung.clear()


async def pause(stopping: asyncio.Event, seconds: float) -> None:
    """`seconds`, or less when `stopping` is set."""
    try:
        async with asyncio.timeout(seconds):
            await stopping.wait()
    except TimeoutError:
        return
