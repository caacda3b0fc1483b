"""Processes that are killed: forked from one that has imported the libraries, so that they begin at once."""

import asyncio
import multiprocessing
import os
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Literal

from newsreel_local.process import bound_to

# Libraries and the contract only: the runtime reads its fail points from the environment of each process.
_PRELOADED = [
    "newsreel_proving.forked_process",
    "aiokafka",
    "asyncpg",
    "faststream.kafka",
    "newsreel_events",
    "opentelemetry.sdk.metrics",
    "opentelemetry.sdk.trace.export",
    "pydantic_settings",
    "uvloop",
]

Planted = Literal["", "acknowledges too early", "effect outside the transaction"]


@dataclass(frozen=True)
class Role:
    """What a process does, under its own name; with `planted`, wrongly, which the proof must find."""

    name: str
    does: Literal["write", "relay", "consume"]
    group: str = ""
    mended: bool = False  # the handler takes what is poisonous, too
    planted: Planted = ""


def fork_server() -> ForkServerContext:
    """The server from which the processes are forked."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    return context


def stop_fork_server() -> None:
    """End that server, too, which would outlive us by a moment."""
    forkserver._forkserver._stop()  # type: ignore[attr-defined]  # there is no public way


class ForkedProcess:
    """One process from its beginning to its end."""

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process
        self.ended = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(process.sentinel, self._end)

    @classmethod
    def begin(
        cls, context: ForkServerContext, role: Role, environment: Mapping[str, str], log: Path
    ) -> "ForkedProcess":
        """Start it; what it prints goes to `log`."""
        process = context.Process(target=_live, args=(role, dict(environment), log), daemon=True)
        process.start()
        return cls(process)

    def _end(self) -> None:
        self._loop.remove_reader(self._process.sentinel)
        self._process.join()
        self.ended.set()

    @property
    def code(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        return self._process.exitcode

    def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()

    async def stop(self, grace: float = 20.0) -> None:
        """An orderly end, or SIGKILL when the grace is over."""
        self._process.terminate()
        try:
            async with asyncio.timeout(grace):
                await self.ended.wait()
        except TimeoutError:
            self.kill()
            await self.ended.wait()


def _live(role: Role, environment: dict[str, str], log: Path) -> None:
    bound_to(os.getppid())()
    with log.open("ab") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    for name in [name for name in os.environ if name.startswith("NEWSREEL_")]:
        del os.environ[name]
    os.environ.update(environment)
    from newsreel_proving import roles

    roles.run(role)
