"""Chains of the audit, made without a database, and as the file that `export` writes."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

from delivery.commands.audit_file import FirstLine, LastLine, RecordLine, place_line, written
from delivery.domain.audit import START, Entry, Place, Record, append

FIRST_DAY = datetime(2026, 11, 26, 23, 59, 58, 123456, tzinfo=UTC)


def an_id(number: int) -> UUID:
    """An id that a reader recognises."""
    return UUID(f"0190f7a0-0000-7000-8000-{number:012}")


def an_entry(number: int) -> Entry:
    """What happened to a grant as the `number`-th thing."""
    kind, reason = (("granted", None), ("redeemed", None), ("refused", "withdrawn"))[number % 3]
    return Entry(
        kind=kind,
        occurred_at=FIRST_DAY + timedelta(seconds=number - 1),
        grant_id=an_id(number),
        pseudonym=UUID(f"b2a1c0de-0000-4000-8000-{number % 2:012}"),
        video_id=an_id(100),
        rendition_id=an_id(101),
        version=None if number % 3 == 0 else number,
        reason=reason,
    )


def a_chain(records: int, start: Place = START) -> list[Record]:
    """A record a second, from two seconds before midnight on."""
    made: list[Record] = []
    for number in range(records):
        last = made[-1].place if made else start
        made.append(append(last, an_entry(number), FIRST_DAY + timedelta(seconds=number)))
    return made


def as_file(records: list[Record], start: Place = START, end: Place | None = None) -> str:
    """What `export` writes of them; `end` is said to be the last."""
    last = end or (records[-1].place if records else start)
    lines = [written(RecordLine.of(record)) for record in records]
    first = written(FirstLine(begins_after=place_line(start)))
    return "".join([first, *lines, written(LastLine(records=len(records), ends_with=place_line(last)))])


def day_turns(records: list[Record]) -> int:
    """How often a day begins in the midst of them."""
    return sum(before.day != after.day for before, after in pairwise(records))
