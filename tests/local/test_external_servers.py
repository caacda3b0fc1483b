"""A PostgreSQL and a Kafka that somebody else runs: the stack uses them, and starts none of its own."""

from pathlib import Path

from newsreel_local.demo import run_demo
from newsreel_local.journey import Addresses
from newsreel_local.kafka import KafkaServer
from newsreel_local.postgres import PostgresServer
from newsreel_local.stack import running_stack


async def test_the_demo_runs_on_them(
    tmp_path: Path, postgres_server: PostgresServer, kafka_server: KafkaServer
) -> None:
    external = {
        "NEWSREEL_POSTGRES_HOST": postgres_server.host,
        "NEWSREEL_POSTGRES_PORT": str(postgres_server.port),
        "NEWSREEL_POSTGRES_USER": "postgres",
        "NEWSREEL_POSTGRES_PASSWORD": postgres_server.password,
        "NEWSREEL_KAFKA_BOOTSTRAP": kafka_server.bootstrap,
        "NEWSREEL_KAFKA_USER": "admin",
        "NEWSREEL_KAFKA_PASSWORD": kafka_server.users["admin"],
    }
    async with running_stack(tmp_path, environment=external) as stack:
        origin = stack.ports.origin
        await run_demo(Addresses(origin("portal"), origin("mailbox"), origin("traces")))
        assert not (tmp_path / "postgres").exists()
        assert not (tmp_path / "kafka").exists()
