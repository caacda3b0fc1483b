"""JSON Schema (draft 2020-12) of each event type's data, made from its model."""

from typing import Any

from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import CoreSchema, core_schema

from newsreel_events.data import EventData, schema_id

JsonSchema = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _Untitled(GenerateJsonSchema):
    """Without a title for each field: it would only repeat the field's name."""

    def field_title_should_be_set(self, schema: CoreSchema) -> bool:
        return False

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchema:
        """A bounded name bounds every member. pydantic's `patternProperties` would let others pass."""
        made = super().dict_schema(schema)
        if "patternProperties" in made:
            ((pattern, values),) = made.pop("patternProperties").items()
            names = {"type": "string", "pattern": pattern} | made.get("propertyNames", {})
            made |= {"propertyNames": names, "additionalProperties": values}
        return made


def schema_of(event: type[EventData]) -> JsonSchema:
    """What every record of this type holds. Fields that are not `required` may be absent.

    It is open: a reader ignores fields that it does not know.
    """
    made = event.model_json_schema(schema_generator=_Untitled, mode="serialization")
    return {"$schema": _DIALECT, "$id": schema_id(event.type), **made}
