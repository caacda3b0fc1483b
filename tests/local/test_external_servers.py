"""A PostgreSQL and a Kafka that somebody else runs: the stack uses them, and starts none of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from newsreel_local.demo import run_demo
from newsreel_local.journey import Addresses
from newsreel_local.kafka import KafkaServer
from newsreel_local.ports import free_ports
from newsreel_local.postgres import PostgresServer
from newsreel_local.stack import running_stack


@pytest.fixture
async def foreign_postgres(tmp_path: Path) -> AsyncIterator[PostgresServer]:
    """One that no other test has roles on."""
    server = PostgresServer(tmp_path / "foreign", free_ports(1)[0], "postgres", fsync=False)
    await server.start()
    yield server
    await server.stop()


async def test_the_demo_runs_on_them(
    tmp_path: Path, foreign_postgres: PostgresServer, kafka_server: KafkaServer
) -> None:
    external = {
        "NEWSREEL_POSTGRES_HOST": foreign_postgres.host,
        "NEWSREEL_POSTGRES_PORT": str(foreign_postgres.port),
        "NEWSREEL_POSTGRES_USER": "postgres",
        "NEWSREEL_POSTGRES_PASSWORD": foreign_postgres.password,
        "NEWSREEL_KAFKA_BOOTSTRAP": kafka_server.bootstrap,
        "NEWSREEL_KAFKA_USER": "admin",
        "NEWSREEL_KAFKA_PASSWORD": kafka_server.users["admin"],
    }
    folder = tmp_path / "stack"
    async with running_stack(folder, environment=external) as stack:
        origin = stack.ports.origin
        await run_demo(Addresses(origin("edge"), origin("mailbox"), origin("traces")))
        assert not (folder / "postgres").exists()
        assert not (folder / "kafka").exists()
