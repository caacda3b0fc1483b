"""An event for a loop that waits for work, and a sleep that ends when the process stops."""

import asyncio


class Wakeup:
    """Wakes up one waiting loop. No wake is lost; many before a wait are one."""

    def __init__(self) -> None:
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """End the present or the next wait."""
        self._woken.set()

    async def wait(self, timeout: float) -> bool:  # noqa: ASYNC109 (the wait's own meaning, not a limit on work)
        """Until `wake`, or `timeout` seconds. Says whether it was woken.

        A wake at the very moment of the timeout ends the next wait.
        """
        try:
            async with asyncio.timeout(timeout):
                await self._woken.wait()
        except TimeoutError:
            return False
        self._woken.clear()
        return True


async def pause(stopping: asyncio.Event, seconds: float) -> None:
    """Sleep for `seconds`, or until `stopping` is set."""
    try:
        async with asyncio.timeout(seconds):
            await stopping.wait()
    except TimeoutError:
        return
