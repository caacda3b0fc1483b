"""Operators at a terminal of the machine that runs the stack."""

import asyncio
import sys
from asyncio.subprocess import PIPE, create_subprocess_exec
from pathlib import Path

from newsreel_local.stack import RunningStack


async def newsreel(stack: RunningStack, service: str, *words: str) -> str:
    """What `newsreel …` prints in a service's environment. Raises `AssertionError` when it fails."""
    command = (str(Path(sys.executable).with_name("newsreel")), *words)
    variables = stack.layout.process(service)
    started = await create_subprocess_exec(*command, env=variables, stdout=PIPE, stderr=PIPE)
    output, errors = await asyncio.wait_for(started.communicate(), 60)
    assert started.returncode == 0, errors.decode()
    return output.decode()
