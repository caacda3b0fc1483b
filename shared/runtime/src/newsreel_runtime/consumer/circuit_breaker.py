"""The circuit breaker: a consumer that parks too much stops. A dead letter topic is no second topic."""

from collections import defaultdict, deque

from newsreel_runtime.consumer.record import Place

_IN_A_ROW = 20
_WINDOW = 1000
_SHARE = 0.1


class CircuitBreaker:
    """Counts how records end, by partition. Those that only wait behind another one do not count."""

    def __init__(self) -> None:
        self._row: defaultdict[tuple[str, int], int] = defaultdict(int)
        self._last: defaultdict[tuple[str, int], deque[bool]] = defaultdict(lambda: deque(maxlen=_WINDOW))
        self._failed: dict[tuple[str, int], int] = {}

    def passed(self, place: Place) -> None:
        self._row[place[:2]] = 0
        self._last[place[:2]].append(False)

    def failed(self, place: Place) -> str | None:
        """A record is to be parked. Returns why the consumer stops instead, if it is one too many.

        A record that comes again, since parking it failed, counts once.
        """
        partition = place[:2]
        if self._failed.get(partition) != place.offset:
            self._failed[partition] = place.offset
            self._row[partition] += 1
            self._last[partition].append(True)
        if self._row[partition] > _IN_A_ROW:
            return f"more than {_IN_A_ROW} records in a row of one partition failed"
        if sum(self._last[partition]) > _SHARE * _WINDOW:
            return f"more than {_SHARE:.0%} of the last {_WINDOW} records of one partition failed"
        return None
