"""The types of single values in events. `parse` and the JSON Schema take the same texts and numbers.

An *open value* (a status, a kind, a language) is a string. Its known values stand in the schema, as words and
as `x-known-values`; a producer refuses others when it emits, a reader takes what it does not know.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import cache
from typing import Annotated, Any, get_args, get_origin, get_type_hints
from uuid import UUID

from pydantic import BaseModel, GetCoreSchemaHandler, GetJsonSchemaHandler, Strict
from pydantic_core import CoreSchema, core_schema

KNOWN_VALUES = "x-known-values"
_IDENTIFIER = "^[a-z][a-z0-9_-]{0,63}$"
_LANGUAGE_TAG = "^[a-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}$"  # RFC 5646, in short
_DOUBLE = 2**53 - 1  # RFC 8259 §6
_DAY = "^[12][0-9]{3}-[0-9]{2}-[0-9]{2}$"
# RFC 3339 without what Python's datetime lacks: a second 60 and the year 0.
_TIME = _DAY[:-1] + "[Tt][0-9]{2}:[0-9]{2}:[0-5][0-9]([.][0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$"


class UnknownValueError(ValueError):
    """A producer of ours is about to publish a value that its own contract does not name."""


class Known:
    """Makes a string an open value. `pattern` bounds it, whatever a later version adds."""

    def __init__(self, *values: str, about: str = "", pattern: str = _IDENTIFIER) -> None:
        self.values = values
        self._about = about
        self._pattern = pattern

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.str_schema(pattern=self._pattern)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        known = f"Known: {', '.join(f'`{value}`' for value in self.values)}; others may come."
        described = {"description": f"{self._about} {known}".strip(), KNOWN_VALUES: list(self.values)}
        return {**handler(schema), **described}


class _Text:
    """A value that JSON has as text in one form only; in Python it may be the object itself, too."""

    def __init__(self, text: core_schema.StringSchema, value: CoreSchema, **json_schema: str) -> None:
        self._json = {"type": "string", **json_schema}
        self._text = core_schema.chain_schema([text, value])
        self._value = value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        there = core_schema.chain_schema([core_schema.is_instance_schema(source), self._value])
        either = core_schema.union_schema([self._text, there], mode="left_to_right")
        return core_schema.json_or_python_schema(json_schema=self._text, python_schema=either)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return dict(self._json)


class _Whole:
    """JSON Schema's integer: 3 and 3.0, not "3" and not true; none that a reader's double would round."""

    def __init__(self, at_least: int = -_DOUBLE) -> None:
        exact = core_schema.int_schema(strict=True, ge=at_least, le=_DOUBLE)
        written_as_float = core_schema.chain_schema(
            [core_schema.float_schema(strict=True), core_schema.int_schema(ge=at_least, le=_DOUBLE)]
        )
        self._schema = core_schema.union_schema([exact, written_as_float], mode="left_to_right")
        self._json = {"type": "integer", "minimum": at_least, "maximum": _DOUBLE}

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return self._schema

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return dict(self._json)


# A UUID in braces, as a URN or without hyphens is not 36 letters long.
Id = Annotated[
    UUID,
    _Text(
        core_schema.str_schema(min_length=36, max_length=36),
        core_schema.uuid_schema(),
        format="uuid",
        pattern="^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
    ),
]
Time = Annotated[
    datetime,
    _Text(
        core_schema.str_schema(pattern=_TIME),
        core_schema.datetime_schema(tz_constraint="aware"),
        format="date-time",
        pattern=_TIME,
    ),
]
Day = Annotated[
    date,
    _Text(core_schema.str_schema(pattern=_DAY), core_schema.date_schema(), format="date", pattern=_DAY),
]
Integer = Annotated[int, _Whole()]
Natural = Annotated[int, _Whole(at_least=0)]
Positive = Annotated[int, _Whole(at_least=1)]
Flag = Annotated[bool, Strict()]
Language = Annotated[str, Known("en", "fr", "uk", pattern=_LANGUAGE_TAG)]


def refuse_unknown(event: BaseModel) -> None:
    """Raises `UnknownValueError` when an open value in `event` is none that this version knows."""
    found = ", ".join(sorted(set(_unknown(event))))
    if found:
        raise UnknownValueError(f"{type(event).__name__}: not in the contract: {found}")


Unknown = Callable[[Any], Iterator[str]]


def _unknown(part: BaseModel) -> Iterator[str]:
    for name, unknown in _open_fields(type(part)).items():
        for value in unknown(getattr(part, name)):
            yield value if "=" in value else f"{name}={value}"


@cache
def _open_fields(part: type[BaseModel]) -> dict[str, Unknown]:
    types = get_type_hints(part, include_extras=True)
    found = {name: _unknown_in(types[name]) for name in part.model_fields}
    return {name: unknown for name, unknown in found.items() if unknown is not None}


def _unknown_in(type_: Any) -> Unknown | None:
    """What finds the unknown open values in a field of this type; None: there can be none."""
    if isinstance(type_, type(BaseModel)):
        return _unknown if _open_fields(type_) else None
    for known in getattr(type_, "__metadata__", ()):
        if isinstance(known, Known):
            return lambda value: iter(() if value is None or value in known.values else (value,))
    inside = next(filter(None, map(_unknown_in, get_args(type_))), None)
    if inside is None or get_origin(type_) not in (dict, tuple):
        return inside
    return lambda values: (value for member in values for value in inside(member))
