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

    async def begin(self, modules: Sequence[str], commands: Sequence[Command]) -> list[Process]:
        """`python -m <module> serve` for each, with its command's environment and log. Or `StartError`."""
        wanted = [
            {"module": module, "environment": dict(command.environment), "log": str(command.log)}
            for module, command in zip(modules, commands, strict=True)
        ]
        said, complained = await self._child.communicate(json.dumps(wanted).encode())
        if self._child.returncode != 0:
            last = complained.decode(errors="replace").strip().splitlines()[-1:]
            raise StartError(f"the services cannot be started: {' '.join(last)}")
        pids: list[int] = json.loads(said)
        return [Process(command, AdoptedChild(pid)) for command, pid in zip(commands, pids, strict=True)]

    async def discard(self) -> None:
        """End it, if it has not ended by itself."""
        if self._child.returncode is None:
            self._child.kill()
        await self._child.wait()
