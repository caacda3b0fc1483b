"""`make up`: from the first line to the last, in the foreground."""

import asyncio
import contextlib
import os
import signal
import sys
from dataclasses import replace

from newsreel_local import java, kafka_jars, state
from newsreel_local.environment import Layout
from newsreel_local.paths import LocalDir
from newsreel_local.ports import Ports
from newsreel_local.process import Command, Process, StartError, inherited
from newsreel_local.rotation import keep_rotating
from newsreel_local.secrets_file import load_or_make
from newsreel_local.startup import Startup, check_ports
from newsreel_local.supervisor import Supervisor
from newsreel_local.terminal import elapsed, say

_ADDRESSES = """
  portal    {edge}/
  inbox     {mailbox}/
  traces    {traces}/
  API docs  {identity}/docs  {catalog}/docs  {delivery}/docs

ready in {seconds:.1f} s; Ctrl-C stops all of it
"""


class _Signals:
    """The first signal asks for an orderly end, the second for an immediate one."""

    def __init__(self, supervisor: Supervisor) -> None:
        self.asked = asyncio.Event()
        self._supervisor = supervisor
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, self._got)

    def _got(self) -> None:
        if self.asked.is_set():
            self._supervisor.kill()
        self.asked.set()


async def up(local: LocalDir, ports: Ports) -> None:
    """Run the stack until a signal asks for its end. Raises `StartError`; nothing is left running then."""
    local.make()
    with state.take_lock(local):
        layout = Layout.of_environment(local, ports, load_or_make(local.secrets))
        check_ports(layout)
        own = state.State(os.getpid(), ports.base)

        def changed(*, ready: bool = False) -> None:
            nonlocal own
            own = replace(own, ready=own.ready or ready, pids=supervisor.pids)
            state.write(local, own)

        supervisor = Supervisor(say, changed)
        signals = _Signals(supervisor)
        changed()
        helpers = [asyncio.create_task(keep_rotating(local.root / "logs"))]
        try:
            if await _started(Startup(layout, supervisor, say), signals):
                changed(ready=True)
                print(_addresses(ports), flush=True)
                helpers.append(asyncio.create_task(_make_archive(local)))
                await signals.asked.wait()
        finally:
            say("newsreel", "stops")
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)
            await supervisor.stop()
            (local.root / "up.json").unlink(missing_ok=True)
        say("newsreel", "has stopped; its data is kept")


async def _started(startup: Startup, signals: _Signals) -> bool:
    """Whether the start came to its end; a signal ends it early."""
    starting = asyncio.create_task(startup.run())
    asked = asyncio.create_task(signals.asked.wait())
    await asyncio.wait([starting, asked], return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()
    if not starting.done():
        starting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await starting
        return False
    starting.result()
    return True


async def _make_archive(local: LocalDir) -> None:
    """Once a checkout, behind everything else: the next start of Kafka takes half the time."""
    if java.archive_path(kafka_jars.paths()).exists():
        return
    argv = ["nice", "-n", "19", sys.executable, "-m", "newsreel_local", "kafka-archive"]
    process = await Process.start(
        Command(argv, log=local.log("kafka-archive"), environment=inherited({}), grace=10.0)
    )
    try:
        await process.wait()
    except asyncio.CancelledError:
        await process.stop()
        raise


def _addresses(ports: Ports) -> str:
    names = ("edge", "mailbox", "traces", "identity", "catalog", "delivery")
    return _ADDRESSES.format(**{name: ports.origin(name) for name in names}, seconds=elapsed())


def main() -> int:
    """Exit code 0 after an orderly end, 1 with one line that says what to do."""
    try:
        asyncio.run(up(LocalDir.of_environment(), Ports.of_environment()))
    except (StartError, ValueError) as error:
        print(f"newsreel: {error}", file=sys.stderr, flush=True)
        return 1
    return 0
