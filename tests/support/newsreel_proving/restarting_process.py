"""A process that begins anew whenever it is killed, and may not end in any other way."""

import asyncio
import signal
from collections.abc import Mapping
from multiprocessing.context import ForkServerContext
from pathlib import Path

from newsreel_proving.forked_process import ForkedProcess, Role
from newsreel_proving.journal import Journal, ViolationError


class RestartingProcess:
    """The processes of one role, one after the other. `kind` is under what its deaths are counted."""

    def __init__(
        self,
        context: ForkServerContext,
        *,
        role: Role,
        environment: Mapping[str, str],
        folder: Path,
        journal: Journal,
        kind: str,
    ) -> None:
        self._context = context
        self.role = role
        self._environment = environment
        self._log = folder / f"{role.name}.log"
        self._journal = journal
        self._kind = kind
        self._killed = False
        self._next: str | None = None
        self._point: str | None = None
        self._stopping = False
        self.deaths = 0
        self._process = self._begin()
        self._watching = asyncio.create_task(self._watch())

    def _begin(self) -> ForkedProcess:
        self._point, self._next, self._killed = self._next, None, False
        armed = {"NEWSREEL_FAILPOINTS": self._point} if self._point else {}
        words = f"{self.role.name} begins" + (f", armed with {self._point}" if self._point else "")
        self._journal.note(words)
        return ForkedProcess.begin(self._context, self.role, {**self._environment, **armed}, self._log)

    async def _watch(self) -> None:
        while True:
            await self._process.ended.wait()
            if self._stopping:
                return
            self._check()
            point = self._point.partition(":")[0] if self._point and not self._killed else None
            self._journal.killed(self._kind, self.role.name, point)
            self.deaths += 1
            self._process = self._begin()

    def _check(self) -> None:
        expected = self._killed or self._point is not None
        if self._process.code != -signal.SIGKILL or not expected:
            words = " | ".join(self._log.read_text(errors="replace").splitlines()[-3:])
            raise ViolationError(f"{self.role.name} ended by itself ({self._process.code}): {words}")

    def check(self) -> None:
        """Raise what went wrong while it was restarted."""
        if self._watching.done():
            self._watching.result()

    async def kill(self, armed: str | None = None) -> None:
        """SIGKILL; returns when the next one has started, which is `armed`."""
        deaths = self.deaths
        self._killed, self._next = True, armed
        self._process.kill()
        while self.deaths == deaths:
            self.check()
            await asyncio.wait({self._watching}, timeout=0.01)

    async def stop(self) -> None:
        """An orderly end. Raises what went wrong while it was restarted."""
        self.check()
        self._stopping = True
        await self._process.stop()
        self.check()

    async def discard(self) -> None:
        """An end of any kind."""
        self._stopping = True
        self._watching.cancel()
        self._process.kill()
        await self._process.ended.wait()
