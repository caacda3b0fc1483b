"""index.html: all topics and events on one page that needs no network and no JavaScript."""

import json
from collections.abc import Sequence
from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from newsreel_contracts.contract import as_text
from newsreel_events.data import EventData
from newsreel_events.examples import example_of
from newsreel_events.fields import fields_of
from newsreel_events.schemas import schema_of
from newsreel_events.topics import Topic


def page(topics: Sequence[Topic], documents: Sequence[str]) -> str:
    """The page; `documents` are the names of the AsyncAPI files beside it."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"fields": fields_of, "schema": _schema, "example": _example}
    template = environment.from_string((files(__package__) / "page.html.j2").read_text(encoding="utf-8"))
    return template.render(topics=topics, documents=documents) + "\n"


def _schema(event: type[EventData]) -> str:
    return as_text(schema_of(event))


def _example(event: type[EventData]) -> str:
    return as_text(json.loads(example_of(event.type)))
