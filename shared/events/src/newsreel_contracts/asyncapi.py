"""One AsyncAPI 3 document per service, from the topics table, the models and the golden records."""

import json
import tomllib
from collections.abc import Sequence
from typing import Any

from newsreel_contracts.contract import EVENTS_FOLDER
from newsreel_events.data import EventData, schema_id
from newsreel_events.examples import example_of
from newsreel_events.fields import summary_of
from newsreel_events.schemas import schema_of
from newsreel_events.topics import Topic, service_of

Document = dict[str, Any]

_BINDING = "0.5.0"
_TEXT = {"type": "string"}
_ATTRIBUTES: Document = {
    "type": "object",
    "description": "CloudEvents 1.0 in Kafka's binary mode. All names and values are UTF-8, each comes once.",
    "required": ["content-type", "ce_specversion", "ce_id", "ce_type", "ce_source", "ce_time"],
    "properties": {
        "content-type": {"const": "application/json"},
        "ce_specversion": {"const": "1.0"},
        "ce_id": {"type": "string", "format": "uuid", "description": "The same in every copy of one event."},
        "ce_type": _TEXT,
        "ce_source": _TEXT,
        "ce_time": {"type": "string", "format": "date-time", "description": "When it happened."},
        "ce_partitionkey": {"type": "string", "description": "The record's key."},
        "ce_subject": {"type": "string", "description": "<entity>/<id>"},
        "ce_dataschema": {"type": "string", "description": "The URN of the JSON Schema of the value."},
        "traceparent": {"type": "string", "description": "W3C Trace Context of the event's creation."},
        "tracestate": _TEXT,
    },
}


def services(topics: Sequence[Topic]) -> list[str]:
    """Those that publish or consume, in the order of the table."""
    named = [name for topic in topics for name in (topic.producer, *map(service_of, topic.consumers))]
    return list(dict.fromkeys(named))


def asyncapi(service: str, topics: Sequence[Topic]) -> Document:
    """The document of `service`: what it sends and what it receives."""
    sent = [topic for topic in topics if topic.producer == service]
    received = [topic for topic in topics if _groups(service, topic)]
    operations = [_operation("send", service, topic) for topic in sent]
    operations += [_operation("receive", service, topic) for topic in received]
    used = [*sent, *(topic for topic in received if topic not in sent)]
    return {
        "asyncapi": "3.0.0",
        "id": f"urn:newsreel:asyncapi:{service}",
        "info": _info(service),
        "defaultContentType": "application/json",
        "servers": {"bus": _SERVER},
        "channels": {topic.name: _channel(topic) for topic in used},
        "operations": dict(operations),
        "components": _components([event for topic in used for event in topic.events]),
    }


_SERVER: Document = {
    "host": "{bootstrap}",
    "protocol": "kafka-secure",
    "description": "Apache Kafka of the installation; its operators know the address.",
    "variables": {"bootstrap": {"default": "kafka:9092"}},
    "security": [{"$ref": "#/components/securitySchemes/scram"}],
}


def _info(service: str) -> Document:
    manifest = tomllib.loads((EVENTS_FOLDER / "pyproject.toml").read_text())
    return {
        "title": f"Newsreel {service}",
        "version": manifest["project"]["version"],
        "description": f"What {service} publishes and consumes. Made from the topics table: do not edit.",
        "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
    }


def _channel(topic: Topic) -> Document:
    who = "Public: any service may subscribe; no personal data." if topic.public else (
        f"Private: carries personal data, for {', '.join(topic.consumers)} alone."
    )  # fmt: skip
    erasing = " A record without a value erases its key." if topic.compacted else ""
    return {
        "address": topic.name,
        "description": f"{who} Key: {topic.key}; it keeps their order. Kept: {topic.kept}.{erasing}",
        "messages": {e.__name__: {"$ref": f"#/components/messages/{e.__name__}"} for e in topic.events},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": _configuration(topic),
                "bindingVersion": _BINDING,
            }
        },
    }


def _configuration(topic: Topic) -> Document:
    read: Document = {}
    for name, text in topic.config.items():
        read[name] = [text] if name == "cleanup.policy" else int(text)
    return read


def _groups(service: str, topic: Topic) -> list[str]:
    return [group for group in topic.consumers if service_of(group) == service]


def _operation(action: str, service: str, topic: Topic) -> tuple[str, Document]:
    channel = f"#/channels/{topic.name}"
    group = {"groupId": {"type": "string", "enum": _groups(service, topic)}} if action == "receive" else {}
    return f"{action}.{topic.name}", {
        "action": action,
        "channel": {"$ref": channel},
        "summary": f"{service} {'publishes to' if action == 'send' else 'consumes'} {topic.name}",
        "messages": [{"$ref": f"{channel}/messages/{event.__name__}"} for event in topic.events],
        "bindings": {"kafka": {**group, "bindingVersion": _BINDING}},
    }


def _components(events: Sequence[type[EventData]]) -> Document:
    schemas: Document = {"CloudEvent": _ATTRIBUTES}
    for event in events:
        own = {name: part for name, part in schema_of(event).items() if not name.startswith("$")}
        parts = schema_of(event).get("$defs", {})
        schemas |= {name: _here(part) for name, part in (parts | {event.__name__: own}).items()}
    scram = {"type": "scramSha512", "description": "SASL/SCRAM-SHA-512; over TLS beyond one machine."}
    return {
        "messages": {event.__name__: _message(event) for event in events},
        "schemas": schemas,
        "securitySchemes": {"scram": scram},
    }


def _here(schema: Any) -> Any:
    """The same schema with its references into this document."""
    text = json.dumps(schema, ensure_ascii=False)
    return json.loads(text.replace('"#/$defs/', '"#/components/schemas/'))


def _message(event: type[EventData]) -> Document:
    golden = json.loads(example_of(event.type))
    fixed = {
        "ce_type": event.type,
        "ce_source": golden["headers"]["ce_source"],
        "ce_dataschema": schema_id(event.type),
    }
    headers = {"properties": {name: {"const": text} for name, text in fixed.items()}}
    key = {"type": "string", "examples": [golden["key"]]}
    return {
        "name": event.type,
        "title": event.__name__,
        "summary": summary_of(event),
        "contentType": "application/json",
        "headers": {"type": "object", "allOf": [{"$ref": "#/components/schemas/CloudEvent"}, headers]},
        "payload": {"$ref": f"#/components/schemas/{event.__name__}"},
        "bindings": {"kafka": {"key": key, "bindingVersion": _BINDING}},
        "examples": [{"name": "golden", "headers": golden["headers"], "payload": golden["value"]}],
    }
