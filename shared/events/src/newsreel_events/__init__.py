"""The public contract of Newsreel: topics, events and the CloudEvents envelope they travel in."""

from newsreel_events import catalog, delivery, identity, notifier
from newsreel_events.data import EventData
from newsreel_events.envelope import Envelope, MalformedError, TraceContext, UnknownTypeError, parse
from newsreel_events.topics import EVENTS, TOPICS, Topic

__all__ = [
    "EVENTS",
    "TOPICS",
    "Envelope",
    "EventData",
    "MalformedError",
    "Topic",
    "TraceContext",
    "UnknownTypeError",
    "catalog",
    "delivery",
    "identity",
    "notifier",
    "parse",
]
