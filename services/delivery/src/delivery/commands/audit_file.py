"""The audit as JSON lines. The first line says behind what the records begin, the last one where they end."""

import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, TextIO, TypeVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from delivery.domain.audit import Entry, Place, Record, moment

_IDS = ("grant_id", "pseudonym", "video_id", "rendition_id")
_LINE = 2000  # characters; a record has some 700
_Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
_Word = Annotated[str, Field(pattern="^[a-z][a-z-]{0,39}$")]
_Id = Annotated[str, Field(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


def _moment(text: str) -> str:
    if moment(datetime.fromisoformat(text)) != text:
        raise ValueError("is not in UTC with six decimals")
    return text


_Moment = Annotated[str, AfterValidator(_moment)]


class AuditFileError(Exception):
    """The file is not what `export` wrote: which line, and why."""


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class PlaceLine(_Line):
    """A place in the chain."""

    day: date
    number: int = Field(ge=0)
    hash: _Hash


class FirstLine(_Line):
    """The first line of a file."""

    format: Literal["newsreel-audit-v1"] = "newsreel-audit-v1"
    begins_after: PlaceLine


class LastLine(_Line):
    """The last line of a file; without it the file was cut."""

    records: int = Field(ge=0)
    ends_with: PlaceLine


class RecordLine(_Line):
    """A record of the chain; each value has one way to be written, as under the hash."""

    day: date
    number: int = Field(ge=1)
    recorded_at: _Moment
    kind: _Word
    occurred_at: _Moment
    grant_id: _Id
    pseudonym: _Id
    video_id: _Id
    rendition_id: _Id
    version: int | None
    reason: _Word | None
    previous: _Hash
    hash: _Hash

    @classmethod
    def of(cls, record: Record) -> "RecordLine":
        values: dict[str, Any] = vars(record.entry) | vars(record)
        values |= {name: moment(values[name]) for name in ("recorded_at", "occurred_at")}
        values |= {name: str(values[name]) for name in _IDS}
        return cls.model_validate({name: values[name] for name in cls.model_fields})

    def record(self) -> Record:
        entry = Entry(
            kind=self.kind,
            occurred_at=datetime.fromisoformat(self.occurred_at),
            grant_id=UUID(self.grant_id),
            pseudonym=UUID(self.pseudonym),
            video_id=UUID(self.video_id),
            rendition_id=UUID(self.rendition_id),
            version=self.version,
            reason=self.reason,
        )
        recorded_at = datetime.fromisoformat(self.recorded_at)
        return Record(entry, self.day, self.number, recorded_at, self.previous, self.hash)


_AnyLine = TypeVar("_AnyLine", bound=_Line)


def place_line(place: Place) -> PlaceLine:
    return PlaceLine(day=place.day, number=place.number, hash=place.hash)


def place_of(line: PlaceLine) -> Place:
    return Place(line.day, line.number, line.hash)


class AuditFile:
    """A file that is read from its first line to its last."""

    def __init__(self, file: TextIO) -> None:
        """Raises `AuditFileError`."""
        self._lines = _numbered(file)
        number, text = next(self._lines, (1, ""))
        self.begins_after = place_of(_read(FirstLine, number, text).begins_after)
        self.ends_with: LastLine | None = None

    def records(self) -> Iterator[Record]:
        """The records; then `ends_with` is known. Raises `AuditFileError`."""
        for number, text in self._lines:
            if self.ends_with is not None:
                raise AuditFileError(f"line {number}: something follows the last line")
            if '"ends_with"' in text:
                self.ends_with = _read(LastLine, number, text)
            else:
                yield _read(RecordLine, number, text).record()


def open_audit_file(path: Path) -> TextIO:
    return path.open(encoding="utf-8", errors="strict", newline="\n")


def _numbered(file: TextIO) -> Iterator[tuple[int, str]]:
    number = 0
    while text := file.readline(_LINE + 1):
        number += 1
        if len(text) > _LINE:
            raise AuditFileError(f"line {number} is longer than a record")
        yield number, text


def _read(model: type[_AnyLine], number: int, text: str) -> _AnyLine:
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        where = {".".join(map(str, each["loc"])) or "the line" for each in error.errors()}
        raise AuditFileError(f"line {number} is no {_NAMES[model]}: {', '.join(sorted(where))}") from None


_NAMES: dict[type[_Line], str] = {
    FirstLine: "beginning of an audit",
    LastLine: "end of an audit",
    RecordLine: "record of an audit",
}


def written(line: _Line) -> str:
    """One line of the file."""
    return json.dumps(line.model_dump(mode="json"), separators=(",", ":")) + "\n"
