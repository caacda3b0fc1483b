"""`make newsreel`: the operators' command, with the settings of one service of the stack that runs here."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from newsreel_local.stack import attach


def newsreel(service: str, words: Sequence[str]) -> int:
    """Become `newsreel WORDS…`, which has the rights of `service` and no others. 1 when nothing runs."""
    stack = attach()
    if stack is not None:
        program = Path(sys.executable).with_name("newsreel")
        os.execve(program, [program.name, *words], stack.layout.process(service))  # noqa: S606 (no shell is meant)
    print("newsreel: nothing runs here: `make up`", file=sys.stderr)
    return 1
