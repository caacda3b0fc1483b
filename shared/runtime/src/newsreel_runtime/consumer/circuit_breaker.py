"""The circuit: a consumer that parks too much stops, instead of moving a topic to its dead letter topic."""

from collections import defaultdict, deque
from collections.abc import Hashable

_IN_A_ROW = 20
_WINDOW = 1000
_SHARE = 0.1


class CircuitBreaker:
    """Counts the ends of records by partition. Those that only wait behind another one do not count."""

    def __init__(self) -> None:
        self._row: defaultdict[Hashable, int] = defaultdict(int)
        self._last: defaultdict[Hashable, deque[bool]] = defaultdict(lambda: deque(maxlen=_WINDOW))

    def passed(self, partition: Hashable) -> None:
        """A record had its effect, or needs none."""
        self._row[partition] = 0
        self._last[partition].append(False)

    def failed(self, partition: Hashable) -> str | None:
        """A record is to be parked. The reason to stop instead, if it is one too many."""
        self._row[partition] += 1
        last = self._last[partition]
        last.append(True)
        if self._row[partition] > _IN_A_ROW:
            return f"more than {_IN_A_ROW} records in a row of one partition failed"
        if sum(last) > _SHARE * _WINDOW:
            return f"more than {_SHARE:.0%} of the last {_WINDOW} records of one partition failed"
        return None
