"""Going through a chain: the first record that is wrong, or that all of them stand as they were written."""

from collections.abc import Iterable

from delivery.domain.audit import Place, Record, fault


class Check:
    """Takes the records of a chain that begins behind `start`, in their order.

    `end`: the record that must have come by then. `known`: hashes that were noted before, outside of the
    database; a chain that was written anew from some record on lacks those that came after.
    """

    def __init__(self, start: Place, end: Place | None, known: Iterable[str] = ()) -> None:
        self.last = start
        self.records = 0
        self._end = end if end is not None and end.number and end != start else None
        self._known = set(known) - {start.hash}

    def take(self, record: Record) -> str | None:
        """What is wrong with the record; None when nothing is."""
        wrong = fault(self.last, record)
        if wrong is not None:
            return f"{record.place.name} {wrong}"
        self.records += 1
        self.last = record.place
        self._known.discard(record.hash)
        if self.last == self._end:
            self._end = None
        return None

    def finish(self) -> str | None:
        """What is wrong with the whole, after the last record; None when nothing is."""
        if self._end is not None:
            return f"{self._end.name} ended the chain: it is missing, with all behind {self.last.name}"
        if self._known:
            return f"the hash {min(self._known)} is not in it: these are other days, or it was written anew"
        return None
