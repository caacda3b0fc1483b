"""`make newsreel`: the operators' command, with the settings of one service of the stack that runs here."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from newsreel_local.stack import attach


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
