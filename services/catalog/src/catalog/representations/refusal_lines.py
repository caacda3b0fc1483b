"""What is wrong with a manifest, in sentences: field (lists count from 1), value, what is allowed."""

import json
from collections.abc import Mapping, Sequence

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from catalog.domain.plain_text import printable
from catalog.errors import ImportRefusedError

_SENTENCES: Mapping[str, str] = {
    "missing": "is missing",
    "extra_forbidden": "is no field of a manifest",
    "literal_error": "is not {expected}",
    "string_type": "is not text",
    "int_type": "is not a whole number",
    "greater_than_equal": "is too small; the least is {ge}",
    "less_than_equal": "is too large; the most is {le}",
    "too_short": "is too short; the fewest are {min_length}",
    "too_long": "is too long: {actual_length}; the most are {max_length}",
    "dict_type": "is not an object",
    "model_type": "is not an object",
    "tuple_type": "is not a list",
    "value_error": "{error}",
    "json_invalid": "is not JSON: {error}",
}


def refusal(invalid: ValidationError) -> ImportRefusedError:
    """The error with a line for each field to mend."""
    found = invalid.errors(include_url=False)
    return ImportRefusedError("\n".join(_line(error) for error in found if not _follows(error, found)))


def field_name(steps: Sequence[object]) -> str:
    """The field's dotted name."""
    named = (str(step + 1 if isinstance(step, int) else step) for step in steps if step != "[key]")
    return printable(".".join(named), 200) or "manifest"


def _line(found: ErrorDetails) -> str:
    known = _SENTENCES.get(found["type"])
    sentence = known.format_map(found.get("ctx", {})) if known else found["msg"]
    if found["type"] not in ("missing", "extra_forbidden", "json_invalid"):
        sentence = f"{printable(json.dumps(found['input'], ensure_ascii=False, default=str))} {sentence}"
    return f"{field_name(found['loc'])}: {sentence}"


def _follows(error: ErrorDetails, found: Sequence[ErrorDetails]) -> bool:
    """A list whose elements are refused is not too short besides."""
    place = error["loc"]
    return error["type"] == "too_short" and any(
        other["loc"][: len(place)] == place for other in found if other is not error
    )
