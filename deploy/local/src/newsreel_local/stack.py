"""A whole stack for tests and the demo: started as a process of its own, waited for, stopped."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from newsreel_local import state
from newsreel_local.environment import Layout
from newsreel_local.paths import LocalDir
from newsreel_local.ports import Ports, free_base
from newsreel_local.process import Command, Process, StartError
from newsreel_local.secrets_file import load_or_make

_POLL = 0.05
_DEADLINE = 300.0  # a first start on a machine that has nothing
_GRACE = 60.0


@dataclass(frozen=True)
class RunningStack:
    """A stack that is ready."""

    layout: Layout

    @property
    def local(self) -> LocalDir:
        return self.layout.local

    @property
    def ports(self) -> Ports:
        """Its ports; `ports.origin("edge")` is an address."""
        return self.layout.ports

    def pid(self, part: str) -> int:
        """The process that runs `part` at this moment. Raises `LookupError` when none does."""
        running = state.read(self.local)
        if running is None or part not in running.pids:
            raise LookupError(f"{part} does not run")
        return running.pids[part]

    def kill(self, part: str) -> int:
        """SIGKILL for `part`; says which process it was. The supervisor starts another one."""
        pid = self.pid(part)
        os.kill(pid, signal.SIGKILL)
        return pid


def _attached(local: LocalDir, base: int) -> RunningStack:
    return RunningStack(Layout.of_environment(local, Ports(base), load_or_make(local.secrets)))


def attach(local: LocalDir | None = None) -> RunningStack | None:
    """The stack that runs in this folder (by default the one of `make up`) and is ready, if there is one."""
    local = local or LocalDir.of_environment()
    running = state.read(local)
    return _attached(local, running.base) if running is not None and running.ready else None


@asynccontextmanager
async def running_stack(
    local_dir: Path,
    port_base: int | None = None,
    environment: Mapping[str, str] | None = None,
    *,
    show: bool = False,
    python: str = sys.executable,
) -> AsyncIterator[RunningStack]:
    """Start a stack in `local_dir` on free ports (or from `port_base`), wait until ready, stop it at the end.

    Its lines go to `<local_dir>/up.log`, or with `show` to our own output. `environment` is added to every
    part's; `python` is the interpreter, of another checkout if it is another's. Raises `StartError`.
    """
    local = LocalDir.made(local_dir)
    base = port_base or free_base()
    chosen = {"NEWSREEL_LOCAL_DIR": str(local.root), "NEWSREEL_PORT_BASE": str(base)}
    command = Command(
        [python, "-m", "newsreel_local", "up"],
        log=None if show else local.root / "up.log",
        environment={**os.environ, **chosen, **(environment or {})},
        orphan_signal=signal.SIGTERM,
        grace=_GRACE,
    )
    process = await Process.start(command)
    try:
        await _until_ready(local, process)
        yield _attached(local, base)
    finally:
        await process.stop()


async def _until_ready(local: LocalDir, process: Process) -> None:
    async with asyncio.timeout(_DEADLINE):
        while True:
            running = state.read(local)
            if running is not None and running.ready and running.pid == process.pid:
                return
            if process.returncode is not None:
                raise StartError(process.last_words(1))
            await asyncio.sleep(_POLL)


@asynccontextmanager
async def stack_up() -> AsyncIterator[RunningStack]:
    """The stack of `make up` when it runs; otherwise one in its folder for as long as the block lasts."""
    running = attach()
    if running is not None:
        yield running
        return
    local = LocalDir.of_environment()
    async with running_stack(local.root, Ports.of_environment().base, show=True) as started:
        yield started
