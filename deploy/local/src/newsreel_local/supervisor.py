"""Keeps processes running: one that dies is started again, all of them end in order."""

import asyncio
import contextlib
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from newsreel_local.process import Process, StartError

_BACKOFF = (0.1, 0.5, 1.0, 2.0, 5.0)
_SETTLED = 10.0  # seconds after which a process counts as running well
_TRIES = 3  # deaths that a start bears before it gives up

Say = Callable[[str, str], None]


@dataclass(frozen=True)
class Program:
    """Something to keep running. `start` returns when it is spawned, for servers when it answers.

    Programs of a lower `stage` end later: what others need outlives them.
    """

    name: str
    start: Callable[[], Awaitable[Process]]
    stage: int


def _how(code: int) -> str:
    if code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"


class Supervisor:
    """All processes of one stack."""

    def __init__(self, say: Say, changed: Callable[[], None] = lambda: None) -> None:
        self._say = say
        self._changed = changed
        self._programs: dict[str, Program] = {}
        self._processes: dict[str, Process] = {}
        self._watchers: dict[str, asyncio.Task[None]] = {}
        self._settled = False
        self._stopping = False
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def pids(self) -> dict[str, int]:
        """The process ids of what runs at this moment."""
        return {name: process.pid for name, process in self._processes.items() if process.returncode is None}

    async def start(self, program: Program) -> None:
        """Start it and watch it from now on. Raises `StartError`."""
        process = await program.start()
        self._programs[program.name] = program
        self._processes[program.name] = process
        self._watchers[program.name] = asyncio.create_task(self._watch(program, process))
        self._changed()

    def settle(self) -> None:
        """The start is over: from now on a program that dies is started again without end."""
        self._settled = True

    async def _watch(self, program: Program, process: Process) -> None:
        deaths = 0
        while True:
            began = time.monotonic()
            code = await process.wait()
            if self._stopping:
                return
            deaths = 0 if time.monotonic() - began > _SETTLED else deaths + 1
            if not self._settled and deaths >= _TRIES:
                self._give_up(program, process)
                return
            self._say(program.name, f"{_how(code)}; starting it again")
            process = await self._again(program, deaths)
            self._say(program.name, "runs again")

    async def _again(self, program: Program, deaths: int) -> Process:
        while True:
            await asyncio.sleep(_BACKOFF[min(max(deaths, 1), len(_BACKOFF)) - 1])
            deaths += 1
            try:
                process = await program.start()
            except StartError as error:
                self._say(program.name, str(error))
            else:
                self._processes[program.name] = process
                self._changed()
                return process

    def _give_up(self, program: Program, process: Process) -> None:
        if not self.failed.done():
            words = process.last_words(1)
            self.failed.set_exception(
                StartError(f"{program.name} does not start: {words} (see {process.log})")
            )

    async def stop(self) -> None:
        """End all, the highest stage first; within a stage at the same time."""
        self._stopping = True
        for watcher in self._watchers.values():
            watcher.cancel()
        await asyncio.gather(*self._watchers.values(), return_exceptions=True)
        for stage in sorted({program.stage for program in self._programs.values()}, reverse=True):
            names = [program.name for program in self._programs.values() if program.stage == stage]
            await asyncio.gather(*(self._end(name) for name in names))
        if self.failed.done():
            with contextlib.suppress(StartError):
                self.failed.result()

    async def _end(self, name: str) -> None:
        if not await self._processes[name].stop():
            self._say(name, "did not end in time and was killed")

    def kill(self) -> None:
        """SIGKILL for all, for whoever is tired of waiting."""
        for process in self._processes.values():
            process.send_kill()
