"""What changed between two JSON Schemas of one event type, by rule and by field.

No change are an added optional field, a known value more of an open value, and words for people; everything
else is named here.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from newsreel_events.schemas import JsonSchema
from newsreel_events.values import KNOWN_VALUES

_WORDS = frozenset({"$schema", "$id", "$defs", "title", "description", "examples", "deprecated"})
_BOUNDS = frozenset(
    {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
    | {"minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties"}
)
_INSIDE = ("items", "propertyNames", "additionalProperties")


@dataclass(frozen=True)
class Difference:
    """`rule` names what was broken, `field` where (dotted; empty for the data itself), `detail` how."""

    rule: str
    field: str
    detail: str


def differences(old: JsonSchema, new: JsonSchema) -> list[Difference]:
    """Every change that some reader, or some record already written, does not survive."""
    return list(_Walk(old, new).compare(old, new, ""))


class _Walk:
    def __init__(self, old: JsonSchema, new: JsonSchema) -> None:
        self._old = old
        self._new = new

    def compare(self, old: JsonSchema, new: JsonSchema, at: str) -> Iterator[Difference]:
        old, new = _resolved(old, self._old), _resolved(new, self._new)
        yield from self._fields(old, new, at)
        for word in sorted((old.keys() | new.keys()) - _WORDS - {"properties", "required"}):
            before, after = old.get(word), new.get(word)
            if word in _INSIDE and isinstance(before, dict) and isinstance(after, dict):
                yield from self.compare(before, after, f"{at}[]" if word != "propertyNames" else f"{at}[key]")
            elif word == "anyOf" and len(before or ()) == len(after or ()):
                for option, other in zip(old[word], new[word], strict=True):
                    yield from self.compare(option, other, at)
            elif word == KNOWN_VALUES:
                gone = [value for value in before or () if value not in (after or ())]
                if gone:
                    yield Difference("values-removed", at, f"older records hold {_shown(gone)}")
            elif before != after:
                yield Difference(_rule(word), at, f"{word}: {_shown(before)} became {_shown(after)}")

    def _fields(self, old: JsonSchema, new: JsonSchema, at: str) -> Iterator[Difference]:
        before, after = old.get("properties", {}), new.get("properties", {})
        was, needed = set(old.get("required", ())), set(new.get("required", ()))
        added = [name for name in after if name not in before]
        for name in before:
            where = _inside(at, name)
            if name not in after:
                renamed = next((n for n in added if self._same(before[name], after[n])), None)
                if renamed is None:
                    yield Difference("field-removed", where, "it is gone")
                else:
                    added.remove(renamed)
                    yield Difference("field-renamed", where, f"it is called `{renamed}` now")
                continue
            if name in was - needed:
                yield Difference("field-optional", where, "it was always there and may be absent now")
            if name in needed - was:
                yield Difference("field-required", where, "it was optional: older records may lack it")
            yield from self.compare(before[name], after[name], where)
        for name in added:
            if name in needed:
                detail = "it is new and required: older records lack it"
                yield Difference("field-required", _inside(at, name), detail)

    def _same(self, old: JsonSchema, new: JsonSchema) -> bool:
        return not any(self.compare(old, new, ""))


def _resolved(schema: JsonSchema, root: JsonSchema) -> JsonSchema:
    """Follow `$ref`; what stands beside it wins."""
    reference = schema.get("$ref")
    if reference is None:
        return schema
    beside = {word: text for word, text in schema.items() if word != "$ref"}
    return _resolved(root["$defs"][reference.rsplit("/", 1)[-1]], root) | beside


def _inside(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


def _rule(word: str) -> str:
    if word in _BOUNDS:
        return "bound-changed"
    return {"pattern": "pattern-changed", "default": "default-changed"}.get(word, "type-changed")


def _shown(value: object) -> str:
    return "nothing" if value is None else str(value)
