"""What a start says: one line a step, with the time since its beginning."""

import os
import time

_began = float(os.environ.get("NEWSREEL_BEGAN") or time.time())


def elapsed() -> float:
    """Seconds since `make` was pressed, or since this process began."""
    return time.time() - _began


def say(part: str, text: str) -> None:
    """One line, at once."""
    print(f"{elapsed():8.2f} s  {part:<10} {text}", flush=True)
