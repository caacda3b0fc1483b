"""The topics table says who publishes and who consumes what; the services do exactly that."""

import ast
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from newsreel_events import EVENTS, TOPICS
from newsreel_runtime.service import Service

CHECKOUT = Path(__file__).resolve().parents[2]
SERVICES = ("identity", "notifier", "catalog", "delivery", "portal")


def published_by_table(service: str) -> set[str]:
    """The names of the event classes that a service may publish."""
    return {event.__name__ for topic in TOPICS if topic.producer == service for event in topic.events}


def consumed_by_table(service: str) -> set[str]:
    """The topics that a service consumes; which of their types it has an effect for is its own affair."""
    return {topic.name for topic in TOPICS if service in topic.consumers}


def named_events(source: str) -> set[str]:
    """The event classes that a module names."""
    known = {event.__name__ for topic in TOPICS for event in topic.events}
    nodes = ast.walk(ast.parse(source))
    names = {getattr(node, "attr", None) or getattr(node, "id", None) for node in nodes}
    return {str(name) for name in names} & known


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_publishes_what_the_table_says(service: str) -> None:
    module = CHECKOUT / "services" / service / "src" / service / "outbound_events.py"
    published = named_events(module.read_text()) if module.exists() else set()
    assert published == published_by_table(service)


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_consumes_what_the_table_says(
    service: str, composed: Callable[[str], Awaitable[Service]]
) -> None:
    consumer = (await composed(service)).consumer
    types = consumer.types if consumer is not None else frozenset[str]()
    assert {EVENTS[one].topic for one in types} == consumed_by_table(service)


def test_an_event_of_somebody_else_is_noticed() -> None:
    planted = "from newsreel_events import identity\ntx.emit(identity.AccountVerifiedV1(account=state))"
    assert named_events(planted) - published_by_table("catalog") == {"AccountVerifiedV1"}
