"""The supervisor: what dies comes back, what never lives ends the start, the end has an order."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from newsreel_local.process import Command, Process, StartError
from newsreel_local.supervisor import Program, Supervisor
from newsreel_testing.wait_until import until

# Says in a common log that it was asked to end.
OBEDIENT = """
import signal, sys, time
def end(*_):
    open(sys.argv[2], "a").write(sys.argv[1] + "\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
print("up", flush=True)
while True:
    time.sleep(60)
"""

PARENT = """
import asyncio, sys
from pathlib import Path
from newsreel_local.process import Command, Process

async def main():
    command = Command([sys.executable, "-c", {child!r}], log=Path({log!r}))
    await (await Process.start(command)).wait()

asyncio.run(main())
"""


def part(name: str, folder: Path, program: str, stage: int = 0) -> Program:
    ends = folder / "ends"
    command = Command([sys.executable, "-c", program, name, str(ends)], log=folder / f"{name}.log")

    async def start() -> Process:
        return await Process.start(command)

    return Program(name, start, stage)


def says_up(log: Path) -> bool:
    return log.exists() and "up" in log.read_text()


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def is_up(log: Path) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        return says_up(log)

    return look


async def test_a_killed_part_is_started_again(tmp_path: Path) -> None:
    said: list[tuple[str, str]] = []
    supervisor = Supervisor(lambda name, text: said.append((name, text)))
    await supervisor.start(part("one", tmp_path, OBEDIENT))
    supervisor.settle()
    first = supervisor.pids["one"]
    os.kill(first, signal.SIGKILL)

    async def another() -> bool:
        return supervisor.pids.get("one", first) != first

    await until(another, "another process")
    await supervisor.stop()
    assert said[0] == ("one", "was killed by SIGKILL; starting it again")
    assert supervisor.pids == {}


async def test_the_end_has_an_order(tmp_path: Path) -> None:
    supervisor = Supervisor(lambda *_: None)
    for stage, name in enumerate(("database", "bus", "service")):
        await supervisor.start(part(name, tmp_path, OBEDIENT, stage))
        await until(is_up(tmp_path / f"{name}.log"), name)
    await supervisor.stop()
    assert (tmp_path / "ends").read_text().split() == ["service", "bus", "database"]


async def test_a_part_that_never_lives_ends_the_start_with_its_last_words(tmp_path: Path) -> None:
    supervisor = Supervisor(lambda *_: None)
    await supervisor.start(part("broken", tmp_path, "raise SystemExit('no such setting')"))
    with pytest.raises(StartError, match=r"broken does not start: no such setting"):
        await asyncio.wait_for(supervisor.failed, 30)
    await supervisor.stop()


async def test_a_program_that_does_not_end_is_killed(tmp_path: Path) -> None:
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True)\n"
    log = tmp_path / "log"
    process = await Process.start(
        Command([sys.executable, "-c", stubborn + "while True: time.sleep(60)"], log=log, grace=0.2)
    )
    await until(is_up(log), "the program")
    assert await process.stop() is False
    assert process.returncode == -signal.SIGKILL


async def test_no_child_outlives_a_killed_parent(tmp_path: Path) -> None:
    log = tmp_path / "child.log"
    child = "import os, time; print(os.getpid(), flush=True); print('up', flush=True); time.sleep(600)"
    parent = PARENT.format(child=child, log=str(log))
    process = await Process.start(Command([sys.executable, "-c", parent], log=tmp_path / "parent.log"))

    await until(is_up(log), "the child")
    await process.kill()
    pid = int(log.read_text().split()[0])

    async def gone() -> bool:
        return not runs(pid)

    await until(gone, "the end of the child")
