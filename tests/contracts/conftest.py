"""Fixtures only: the golden records, and a service as it is composed."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from importlib import import_module
from pathlib import Path

import pytest
from pydantic import SecretStr

from newsreel_bus.acls import add, binding, list_acls
from newsreel_bus.admin import admin_client
from newsreel_events.access import subscriber_rights
from newsreel_events.record_file import RecordFile
from newsreel_local.environment import Layout
from newsreel_local.kafka import KafkaServer
from newsreel_local.paths import LocalDir
from newsreel_local.ports import Ports
from newsreel_local.secrets_file import load_or_make
from newsreel_runtime.service import Service
from newsreel_runtime.settings import Kafka
from newsreel_testing.wait_until import until

EXAMPLES = Path(__file__).resolve().parents[2] / "shared/events/examples"


@pytest.fixture(scope="session")
def golden() -> dict[str, RecordFile]:
    """The golden record of each event type, by type."""
    return {path.stem: RecordFile.loads(path.read_text()) for path in EXAMPLES.glob("*.json")}


@pytest.fixture(scope="session")
async def team(kafka: Kafka, kafka_server: KafkaServer) -> Kafka:
    """How another team reaches the bus: a user with a subscriber's rights and no other."""
    user, acls = "catalog", frozenset(map(binding, subscriber_rights("catalog")))
    admin = admin_client(kafka)
    await add(admin, acls)

    async def granted() -> bool:
        return acls <= await list_acls(admin)

    await until(granted, "the rights of a subscriber")
    return kafka.model_copy(update={"user": user, "password": SecretStr(kafka_server.users[user])})


@pytest.fixture
async def composed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Callable[[str], Awaitable[Service]]]:
    """`await composed("identity")`: that service with the local stack's settings, not running."""
    layout = Layout(LocalDir(tmp_path), Ports(20000), load_or_make(tmp_path / "secrets.json"))
    async with AsyncExitStack() as stack:

        async def compose(service: str) -> Service:
            for name, value in layout.settings(service).items():
                monkeypatch.setenv(name, value)
            made: Service = await stack.enter_async_context(import_module(f"{service}.app").compose())
            return made

        yield compose
