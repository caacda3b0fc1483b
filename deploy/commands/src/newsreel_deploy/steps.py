"""What long work prints: a line a step, with its seconds."""

import time
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


class Steps:
    """Counts the steps that ended well; `name` begins every line."""

    def __init__(self, name: str) -> None:
        self.count = 0
        self._name = name

    async def __call__(self, title: str, work: Awaitable[T]) -> T:
        """Await `work`, say how long it took, and hand on what it returned or raised."""
        began = time.monotonic()
        try:
            done = await work
        except BaseException:
            print(f"{self._name}: {title}: failed after {time.monotonic() - began:.1f} s", flush=True)
            raise
        self.count += 1
        print(f"{self._name}: {title}: {time.monotonic() - began:.1f} s", flush=True)
        return done
