"""The contract as data: a JSON Schema per event type, and what the topics table promises."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newsreel_events.schemas import JsonSchema, schema_of
from newsreel_events.topics import TOPICS, Topic

EVENTS_FOLDER = Path(__file__).resolve().parents[2]
SCHEMAS = "schemas"
TABLE = "topics.json"


@dataclass(frozen=True)
class Contract:
    """`schemas` by event type; `topics` by name, each as `Topic.facts` gives it."""

    schemas: Mapping[str, JsonSchema]
    topics: Mapping[str, dict[str, Any]]

    @classmethod
    def of(cls, topics: Iterable[Topic] = TOPICS) -> "Contract":
        """What the code says now."""
        listed = list(topics)
        return cls(
            schemas={event.type: schema_of(event) for topic in listed for event in topic.events},
            topics={topic.name: topic.facts() for topic in listed},
        )

    @classmethod
    def committed(cls, folder: Path = EVENTS_FOLDER) -> "Contract":
        """What was promised: the files in `folder`. Empty where there are none yet."""
        table, schemas = folder / TABLE, sorted((folder / SCHEMAS).glob("*.json"))
        return cls(
            schemas={path.stem: json.loads(path.read_text(encoding="utf-8")) for path in schemas},
            topics=json.loads(table.read_text()) if table.exists() else {},
        )

    def files(self) -> dict[Path, str]:
        """The same as files, by their path inside shared/events."""
        made = {Path(SCHEMAS, f"{name}.json"): as_text(schema) for name, schema in self.schemas.items()}
        return {Path(TABLE): as_text(self.topics)} | made

    def topic_of(self, event_type: str) -> str | None:
        """The topic that carries this type."""
        return next((name for name, topic in self.topics.items() if event_type in topic["types"]), None)


def examples(folder: Path = EVENTS_FOLDER) -> set[str]:
    """The types that have a golden record."""
    return {path.stem for path in (folder / "examples").glob("*.json")}


def as_text(document: Any) -> str:
    """JSON as it is committed: indented, in the order of the source, UTF-8."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
