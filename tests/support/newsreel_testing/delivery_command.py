"""`newsreel delivery …`, as an operator runs it."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, create_subprocess_exec
from collections.abc import Mapping
from pathlib import Path


async def newsreel_delivery(variables: Mapping[str, str], *words: str) -> tuple[int, str, str]:
    """Exit code, output and errors of the command; of our variables it has these alone."""
    program = Path(sys.executable).with_name("newsreel")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NEWSREEL_")}
    process = await create_subprocess_exec(
        program, "delivery", *words, env=clean | dict(variables), stdout=PIPE, stderr=PIPE
    )
    output, errors = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode is not None
    return process.returncode, output.decode(), errors.decode()
