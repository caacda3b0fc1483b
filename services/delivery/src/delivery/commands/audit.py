"""What `newsreel delivery audit` does."""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from delivery.commands.audit_file import (
    AuditFile,
    FirstLine,
    LastLine,
    RecordLine,
    open_audit_file,
    place_line,
    place_of,
    written,
)
from delivery.domain.audit import Place
from delivery.domain.audit_check import Check
from delivery.store import audit
from newsreel_runtime.database import Database
from newsreel_runtime.settings import Postgres

_SECONDS = 1.0  # between two lines of progress


@dataclass(frozen=True)
class Days:
    """From the first to the last, both with all that is in them."""

    first: date
    last: date


class _Progress:
    """Says on the standard error how far it is, once a second."""

    def __init__(self, verb: str) -> None:
        self._verb = verb
        self._next = time.monotonic() + _SECONDS

    def at(self, records: int, place: Place) -> None:
        if time.monotonic() >= self._next:
            print(f"{records} records {self._verb}, up to {place.day}", file=sys.stderr, flush=True)
            self._next = time.monotonic() + _SECONDS


async def verify(settings: Postgres, days: Days, known: Sequence[str]) -> int:
    """The chain in the database."""
    async with Database.open(settings) as database, database.read() as sql:
        end = await audit.end(sql)  # first: what is added meanwhile stands behind it
        start = await audit.end_before(sql, days.first)
        check = Check(start, end if days.first <= end.day <= days.last else None, known)
        progress = _Progress("verified")
        async for record in audit.read(sql, days.first, days.last):
            if wrong := check.take(record):
                return _wrong(wrong)
            progress.at(check.records, check.last)
    return _judged(check, start)


def verify_file(path: Path, known: Sequence[str]) -> int:
    """A file that `export` wrote, without any database. Raises `AuditFileError`."""
    with open_audit_file(path) as opened:
        file = AuditFile(opened)
        check = Check(file.begins_after, None, known)
        progress = _Progress("verified")
        for record in file.records():
            if wrong := check.take(record):
                return _wrong(wrong)
            progress.at(check.records, check.last)
    said = file.ends_with
    if said is None:
        return _wrong(f"the file has no end: it was cut behind {check.last.name}")
    if (said.records, place_of(said.ends_with)) != (check.records, check.last):
        return _wrong(f"{place_of(said.ends_with).name} ended it: it is missing, or was replaced")
    return _judged(check, file.begins_after)


async def export(settings: Postgres, days: Days) -> int:
    """The records of these days to the standard output."""
    async with Database.open(settings) as database, database.read() as sql:
        last, records, progress = await audit.end_before(sql, days.first), 0, _Progress("written")
        sys.stdout.write(written(FirstLine(begins_after=place_line(last))))
        async for record in audit.read(sql, days.first, days.last):
            sys.stdout.write(written(RecordLine.of(record)))
            records, last = records + 1, record.place
            progress.at(records, last)
    sys.stdout.write(written(LastLine(records=records, ends_with=place_line(last))))
    sys.stdout.flush()  # before it is said that all of it was written
    print(f"{records} records; the last one's hash is {last.hash}", file=sys.stderr)
    return 0


async def pseudonym(settings: Postgres, account_id: UUID) -> int:
    """By which name the audit knows the account."""
    async with Database.open(settings) as database, database.read() as sql:
        known = await audit.pseudonym_of(sql, account_id)
    if known is None:
        print("the audit knows nothing of that account, or has forgotten it", file=sys.stderr)
        return 1
    print(known)
    return 0


def _judged(check: Check, start: Place) -> int:
    wrong = check.finish()
    if wrong:
        return _wrong(wrong)
    print(f"{check.records} records, each as it was written", end="")
    if start.number:
        print(f", behind {start.name} {start.hash}", end="")
    print(f"; {check.last.name} is the last: {check.last.hash}" if check.records else "")
    return 0


def _wrong(what: str) -> int:
    print(what)
    return 1
