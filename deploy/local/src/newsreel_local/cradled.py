"""The services of a start, begun by the cradle and adopted here."""

import asyncio
import json
import os
import sys
from collections.abc import Sequence

from newsreel_local.adopted import AdoptedChild, become_subreaper
from newsreel_local.process import Command, Process, StartError, bound_to, inherited


class Cradle:
    """A process that imports now what the services will need, and forks them when it is told to."""

    def __init__(self, child: asyncio.subprocess.Process) -> None:
        self._child = child

    @classmethod
    async def prepare(cls) -> "Cradle | None":
        """Begin importing. None where the system cannot do it: start the services the plain way then."""
        if not become_subreaper():
            return None
        pipe = asyncio.subprocess.PIPE
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "newsreel_local.cradle"),
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            env=inherited({}),
            process_group=0,
            preexec_fn=bound_to(os.getpid()),
        )
        return cls(child)

    async def begin(self, commands: Sequence[Command]) -> list[Process]:
        """What each `python -m <module> …` would run, with its environment and log. Or `StartError`."""
        wanted = [
            {
                "module": command.argv[2],
                "arguments": list(command.argv[3:]),
                "environment": dict(command.environment),
                "log": str(command.log),
            }
            for command in commands
        ]
        for command in commands:
            if command.log is not None:
                command.log.parent.mkdir(parents=True, exist_ok=True)
        said, complained = await self._child.communicate(json.dumps(wanted).encode())
        if self._child.returncode != 0:
            last = complained.decode(errors="replace").strip().splitlines()[-1:]
            raise StartError(f"no process can be started: {' '.join(last)}")
        pids: list[int] = json.loads(said)
        return [Process(command, AdoptedChild(pid)) for command, pid in zip(commands, pids, strict=True)]

    async def discard(self) -> None:
        """End it, if it has not ended by itself."""
        if self._child.returncode is None:
            self._child.kill()
        await self._child.wait()
