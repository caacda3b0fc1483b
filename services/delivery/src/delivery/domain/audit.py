"""The audit's chain: each record has the hash of the one before, so that no record changes unseen.

The bytes under a hash are published, with vectors, in services/delivery/vectors: other languages verify them.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

GENESIS = "0" * 64  # what the first record of all follows
_FORMAT = "newsreel-audit-v1"


@dataclass(frozen=True)
class Entry:
    """What happened to a grant. `kind` and `reason` are open values; the account is known by a pseudonym.

    `version` is that of the video when it happened.
    """

    kind: str
    occurred_at: datetime
    grant_id: UUID
    pseudonym: UUID
    video_id: UUID
    rendition_id: UUID
    version: int | None
    reason: str | None


@dataclass(frozen=True)
class Place:
    """Where a record stands: the `number`-th of its `day` (UTC), which ends with `hash`."""

    day: date
    number: int
    hash: str

    @property
    def name(self) -> str:
        """How it is called: its day and its number in it."""
        return f"{self.day}/{self.number}" if self.number else "the beginning"


START = Place(date.min, 0, GENESIS)


@dataclass(frozen=True)
class Record:
    """An entry in its place, `hash` over it and over `previous`, the hash of the record before."""

    entry: Entry
    day: date
    number: int
    recorded_at: datetime
    previous: str
    hash: str

    @property
    def place(self) -> Place:
        return Place(self.day, self.number, self.hash)


def moment(at: datetime) -> str:
    """As it stands under the hash: UTC, six decimals."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def canonical(entry: Entry, day: date, number: int, recorded_at: datetime, previous: str) -> bytes:
    """The bytes under the hash: thirteen lines. No value has a line feed, so no two records have the same."""
    lines = (
        _FORMAT,
        previous,
        day.isoformat(),
        str(number),
        moment(recorded_at),
        entry.kind,
        moment(entry.occurred_at),
        str(entry.grant_id),
        str(entry.pseudonym),
        str(entry.video_id),
        str(entry.rendition_id),
        "" if entry.version is None else str(entry.version),
        entry.reason or "",
    )
    return "\n".join(lines).encode()


def append(last: Place, entry: Entry, at: datetime) -> Record:
    """The record of the entry behind `last`. Its day is not before the last one, whatever the clock says."""
    day = max(at.astimezone(UTC).date(), last.day)
    number = last.number + 1 if day == last.day else 1
    digest = hashlib.sha256(canonical(entry, day, number, at, last.hash)).hexdigest()
    return Record(entry, day, number, at, last.hash, digest)


def fault(last: Place, record: Record) -> str | None:
    """Why the record cannot stand behind `last`; None when it can."""
    place = (record.day, record.number)
    if place <= (last.day, last.number):
        return "stands behind a later one: it was doubled, inserted, or the order was changed"
    expected = last.number + 1 if record.day == last.day else 1
    if record.number != expected:
        return f"follows where {record.day}/{expected} is missing"
    bytes_ = canonical(record.entry, record.day, record.number, record.recorded_at, record.previous)
    if hashlib.sha256(bytes_).hexdigest() != record.hash:
        return "was changed: its hash is another one"
    if record.previous != last.hash:
        return "does not follow the record before it: one was removed, inserted or replaced"
    return None
