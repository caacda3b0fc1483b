"""The fields of an event's data as lines for people: dotted name, kind in words, always there or not."""

from collections.abc import Iterator
from dataclasses import dataclass

from newsreel_events.data import EventData
from newsreel_events.schemas import JsonSchema, schema_of
from newsreel_events.values import KNOWN_VALUES

_FORMATS = {"uuid": "UUID", "date-time": "time with zone", "date": "date"}


@dataclass(frozen=True)
class FieldLine:
    """`name` is dotted, `[]` stands for each element of a list. Optional fields may be absent."""

    name: str
    kind: str
    required: bool
    description: str


def summary_of(event: type[EventData]) -> str:
    """What the event says, in one line."""
    return (event.__doc__ or "").strip().partition("\n")[0]


def fields_of(event: type[EventData]) -> list[FieldLine]:
    """Every field, the parts' fields below the part."""
    schema = schema_of(event)
    return list(_fields(schema, schema, ""))


def _fields(schema: JsonSchema, root: JsonSchema, inside: str) -> Iterator[FieldLine]:
    required = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        part, shown = _part(field, root), f"{inside}{name}"
        many = field.get("type") == "array"
        described = field.get("description") or (part or {}).get("description", "")
        yield FieldLine(shown, _kind(field, root), name in required, " ".join(described.split()))
        if part is not None:
            yield from _fields(part, root, f"{shown}[]." if many else f"{shown}.")


def _part(field: JsonSchema, root: JsonSchema) -> JsonSchema | None:
    """The object that a field, or each element of a list, is."""
    reference = field.get("$ref") or field.get("items", {}).get("$ref")
    if reference is None:
        return None
    found: JsonSchema = root["$defs"][reference.rsplit("/", 1)[-1]]
    return found


def _kind(field: JsonSchema, root: JsonSchema) -> str:
    if "anyOf" in field:
        return " or ".join(_kind(option, root) for option in field["anyOf"])
    if KNOWN_VALUES in field:
        return " | ".join([*field[KNOWN_VALUES], "…"])
    if "$ref" in field:
        return "object"
    if field.get("type") == "array":
        return f"list of {_kind(field['items'], root)}"
    if isinstance(field.get("additionalProperties"), dict):
        keys = _kind(field.get("propertyNames", {"type": "string"}), root)
        return f"object: {keys} → {_kind(field['additionalProperties'], root)}"
    return _FORMATS.get(field.get("format", ""), _simple(field))


def _simple(field: JsonSchema) -> str:
    kind = {"string": "text"}.get(field.get("type", ""), str(field.get("type", "any")))
    bounds = [f" ≥ {field['minimum']}"] if "minimum" in field else []
    bounds += [f" ≤ {field['maximum']}"] if "maximum" in field else []
    bounds += [f" of at most {field['maxLength']} characters"] if "maxLength" in field else []
    bounds += [f" like {field['pattern']}"] if "pattern" in field else []
    return kind + ",".join(bounds)
