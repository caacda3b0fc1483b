"""Work that is done regularly for as long as the process runs."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from newsreel_runtime.database import DATABASE_ERRORS
from newsreel_runtime.wakeup import pause

_log = logging.getLogger(__name__)

Timer = Callable[[asyncio.Event], Awaitable[None]]  # runs until the event is set


def every(seconds: float, name: str, work: Callable[[], Awaitable[None]]) -> Timer:
    """A timer that does `work` at the start and every `seconds`; also after the database made a turn fail."""

    async def run(stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            try:
                await work()
            except DATABASE_ERRORS as error:
                kind = type(error).__qualname__
                _log.warning("%s failed, next try in %.0f s: %s", name, seconds, kind)
            await pause(stopping, seconds)

    run.__qualname__ = name
    return run
