"""Log lines that repeat: one in a while, which says how many were left out."""

import logging
import math
from collections.abc import Callable


class RepeatedLines(logging.Filter):
    """Of the lines from one place in `library`, one in `seconds` passes; its `left_out` counts the others.

    A place, not a text: there are few places, and as many texts as there are brokers and errors.
    """

    def __init__(self, library: str, seconds: float, clock: Callable[[], float]) -> None:
        super().__init__(library)
        self._seconds = seconds
        self._clock = clock
        self._passed: dict[tuple[str, int], tuple[float, int]] = {}  # place → when, and how many since

    def filter(self, record: logging.LogRecord) -> bool:
        if not super().filter(record):
            return True  # another library's
        place, at = (record.pathname, record.lineno), self._clock()
        passed, left_out = self._passed.get(place, (-math.inf, 0))
        if at - passed < self._seconds:
            self._passed[place] = passed, left_out + 1
            return False
        self._passed[place] = at, 0
        if left_out:
            record.left_out = left_out
        return True
