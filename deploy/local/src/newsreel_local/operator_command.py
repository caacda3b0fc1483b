"""`make newsreel`: the operators' command, with the settings of one service of the stack that runs here."""

import os
import sys
from asyncio.subprocess import DEVNULL, create_subprocess_exec
from collections.abc import Sequence
from pathlib import Path

from newsreel_local.environment import Layout
from newsreel_local.stack import attach


async def send_newsletter(layout: Layout) -> bool:
    """An issue now, as an operator sends it; false when nothing is new."""
    process = await create_subprocess_exec(
        *(Path(sys.executable).with_name("newsreel"), "newsletter", "send", "--yes"),
        env=layout.process("notifier"),
        stdout=DEVNULL,
        stderr=DEVNULL,
    )
    return await process.wait() == 0


def newsreel(service: str, words: Sequence[str]) -> int:
    """Become `newsreel WORDS…` as `service`, or for `bus` as Kafka's administrator. 1 when nothing runs."""
    stack = attach()
    if stack is not None:
        program = Path(sys.executable).with_name("newsreel")
        layout = stack.layout
        settings = layout.administrator() if service == "bus" else layout.process(service)
        os.execve(program, [program.name, *words], settings)  # noqa: S606 (no shell is meant)
    print("newsreel: nothing runs here: `make up`", file=sys.stderr)
    return 1
