"""What every event's data has in common."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


def schema_id(type_: str) -> str:
    """The URN of a type's JSON Schema: its `$id`, and CloudEvents `dataschema` of each event."""
    return f"urn:newsreel:schema:{type_}"


class Part(BaseModel):
    """A piece of an event's data: immutable, and tolerant of fields that a later version adds."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class EventData(Part):
    """The data of one event type. `type` and `topic` never change once published.

    A breaking change is a new class with the next version in its name, beside this one.
    """

    type: ClassVar[str]
    topic: ClassVar[str]

    @property
    def key(self) -> str:
        """The Kafka key: the id of the entity, so that its events keep their order."""
        raise NotImplementedError

    @property
    def source(self) -> str:
        """CloudEvents `source` (1.0, REQUIRED): `/newsreel/<domain>`."""
        return f"/newsreel/{self.topic.split('.')[0]}"

    @property
    def subject(self) -> str:
        """CloudEvents `subject`: `<entity>/<id>`."""
        return f"{self.topic.split('.')[1]}/{self.key}"

    @property
    def dataschema(self) -> str:
        """CloudEvents `dataschema`: the URN of this type's JSON Schema."""
        return schema_id(self.type)
