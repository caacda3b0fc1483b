"""The topics table says who publishes and who consumes what; the services do exactly that."""

import ast
from importlib import import_module
from pathlib import Path

import pytest

from newsreel_events import EVENTS, TOPICS
from newsreel_local.environment import Layout
from newsreel_local.paths import LocalDir
from newsreel_local.ports import Ports
from newsreel_local.secrets_file import load_or_make

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
    service: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout = Layout(LocalDir(tmp_path), Ports(20000), load_or_make(tmp_path / "secrets.json"))
    for name, value in layout.settings(service).items():
        monkeypatch.setenv(name, value)
    async with import_module(f"{service}.app").compose() as composed:
        types = composed.consuming.types if composed.consuming is not None else frozenset()
    assert {EVENTS[one].topic for one in types} == consumed_by_table(service)


def test_an_event_of_somebody_else_is_noticed() -> None:
    planted = "from newsreel_events import identity\ntx.emit(identity.AccountVerifiedV1(account=state))"
    assert named_events(planted) - published_by_table("catalog") == {"AccountVerifiedV1"}
