"""Retry: while a dependency is broken, the work at hand is tried again, with growing pauses."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from newsreel_runtime.consumer.failure import Failure, classify
from newsreel_runtime.database import Database

_log = logging.getLogger(__name__)
# Seconds; capped at 5 s so that we notice soon after a dependency has recovered.
_BACKOFF = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0)
T = TypeVar("T")


class StoppedError(Exception):
    """The consumer is stopping in the middle of a pause; the offset stays where it is."""


class Retry:
    """`reason` says why the consumer waits, or is None."""

    def __init__(self, database: Database, working: Callable[[], None]) -> None:
        self._database = database
        self._working = working
        self.stopping = asyncio.Event()
        self.reason: str | None = None

    async def until_done(self, work: Callable[[], Awaitable[T]], *, every_error: bool = False) -> T:
        """The answer of `work`. Raises what is the record's own fault, and `StoppedError` at a stop.

        `every_error`: there is no way round this work, so whatever it raises is waited for.
        """
        failures = 0
        while True:
            try:
                done = await work()
            except StoppedError:
                raise
            except Exception as error:
                if not (every_error or await self._is_broken(error)):
                    raise
                failures += 1
                kind = type(error).__qualname__
                self.reason = f"consuming is paused: a dependency is broken ({kind})"
                seconds = _BACKOFF[min(failures, len(_BACKOFF)) - 1]
                _log.warning("consuming pauses for %s s: %s", seconds, kind)
                await self.pause(seconds)
            else:
                self.reason = None
                return done

    async def _is_broken(self, error: Exception) -> bool:
        failure = classify(error)
        if failure is not Failure.SLOW:
            return failure is Failure.BROKEN
        try:
            await self._database.ping()
        except Exception:  # noqa: BLE001 (however it does not answer, it does not)
            return True
        return False

    async def pause(self, seconds: float) -> None:
        """Wait. Raises `StoppedError` when the service stops meanwhile."""
        self._working()
        try:
            async with asyncio.timeout(seconds):
                await self.stopping.wait()
        except TimeoutError:
            self._working()
            return
        raise StoppedError

    async def stop_for(self, reason: str) -> None:
        """Wait until the service stops, whatever happens. Raises `StoppedError`."""
        self.reason = reason
        _log.error("consuming has stopped: %s", reason)
        while True:
            await self.pause(30.0)
