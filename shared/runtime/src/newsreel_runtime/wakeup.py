"""A bell for a loop that waits: rung by others, or by the clock."""

import asyncio


class Wakeup:
    """Rings are never lost and never pile up: many before a wait are one."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """End the present or the next wait."""
        self._rung.set()

    async def wait(self, timeout: float) -> None:  # noqa: ASYNC109 (the wait's own meaning, not a limit on work)
        """Until rung, or `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout):
                await self._rung.wait()
        except TimeoutError:
            return
        finally:
            self._rung.clear()
