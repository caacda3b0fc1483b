"""One child process: its output in a log, no longer alive than its parent, stopped within a bounded time."""

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class StartError(RuntimeError):
    """A part cannot start; the message is one line that says what to do."""


_OURS = ("NEWSREEL_", "PG", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS", "PYTHON")


def inherited(more: Mapping[str, str]) -> dict[str, str]:
    """Our environment and `more`, without what would change how a part behaves."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return kept | dict(more)


@dataclass(frozen=True)
class Command:
    """How to run one process, and how to end it."""

    argv: Sequence[str]
    log: Path | None  # None: the terminal, or wherever our own output goes
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGKILL
    grace: float = 10.0  # seconds between the stop signal and SIGKILL


def bound_to(parent: int, orphan_signal: signal.Signals = signal.SIGKILL) -> Callable[[], None]:
    """For a new child, before it becomes its program: when `parent` dies, it gets that signal."""

    def bind() -> None:
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, int(orphan_signal))
            if os.getppid() != parent:  # the parent died before the kernel knew of the wish
                os._exit(1)

    return bind


def _output(log: Path | None) -> AbstractContextManager[IO[bytes] | None]:
    if log is None:
        return nullcontext()
    log.parent.mkdir(parents=True, exist_ok=True)
    return log.open("ab")


class Process:
    """A started `Command`. Its own process group, so that Ctrl-C in a terminal reaches the parent only."""

    def __init__(self, command: Command, child: asyncio.subprocess.Process) -> None:
        self._command = command
        self._child = child

    @classmethod
    async def start(cls, command: Command) -> "Process":
        """Start it; its output is appended to the log. Raises `StartError` when there is no such program."""
        with _output(command.log) as output:
            try:
                child = await asyncio.create_subprocess_exec(
                    *command.argv,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    env=dict(command.environment),
                    process_group=0,
                    preexec_fn=bound_to(os.getpid(), command.orphan_signal),
                )
            except OSError as error:
                raise StartError(f"{command.argv[0]} cannot be run: {error.strerror}") from error
        return cls(command, child)

    @property
    def log(self) -> Path | None:
        return self._command.log

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def returncode(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        return self._child.returncode

    async def wait(self) -> int:
        return await self._child.wait()

    async def stop(self) -> bool:
        """Ask it to end, and kill it when the grace is over. Says whether it ended by itself."""
        if self.returncode is None:
            self._child.send_signal(self._command.stop_signal)
        try:
            async with asyncio.timeout(self._command.grace):
                await self._child.wait()
        except TimeoutError:
            await self.kill()
            return False
        return True

    def send_kill(self) -> None:
        """SIGKILL for it and the processes that it started, without waiting."""
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    async def kill(self) -> None:
        self.send_kill()
        await self._child.wait()

    def last_words(self, lines: int = 3) -> str:
        """The end of its log, for a message about a failed start."""
        if self._command.log is None:
            return "see above"
        with self._command.log.open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - 2000))
            text = log.read().decode(errors="replace")
        return " | ".join(line.strip() for line in text.splitlines()[-lines:])


async def run_to_end(command: Command) -> None:
    """Run a short command. Raises `StartError` with the end of its log when it fails."""
    process = await Process.start(command)
    try:
        code = await process.wait()
    except asyncio.CancelledError:
        await process.kill()
        raise
    if code != 0:
        raise StartError(f"{Path(command.argv[0]).name} failed ({code}): {process.last_words(1)}")
