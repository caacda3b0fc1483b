"""Fixtures only: real parts, started once for a session, on ports and folders of their own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import SecretStr

from newsreel_local.kafka import KafkaServer
from newsreel_local.postgres import PostgresServer
from newsreel_runtime.database import Database
from newsreel_runtime.settings import Kafka
from newsreel_testing.bus import make_topics
from newsreel_testing.databases import Databases
from newsreel_testing.s3_server import S3Server, s3_server
from newsreel_testing.wait_until import free_port

pytest_plugins = ["newsreel_testing.skips"]


@pytest.fixture(scope="session")
async def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[PostgresServer]:
    """A PostgreSQL for this run of the tests, without fsync."""
    folder: Path = tmp_path_factory.mktemp("postgres")
    server = PostgresServer(folder, free_port(), "postgres", fsync=False)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture(scope="session")
def databases(postgres_server: PostgresServer) -> Databases:
    """Where fresh databases come from."""
    return Databases(postgres_server)


@pytest.fixture
async def service_database(databases: Databases) -> AsyncIterator[Callable[[str], Awaitable[Database]]]:
    """`await service_database("identity")`: an opened, migrated, empty database of that service."""
    async with AsyncExitStack() as stack:

        async def opened(service: str) -> Database:
            return await stack.enter_async_context(databases.open(service))

        yield opened


@pytest.fixture(scope="session")
async def kafka_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[KafkaServer]:
    """An Apache Kafka for this run of the tests."""
    folder = tmp_path_factory.mktemp("kafka")
    users = dict.fromkeys(("broker", "admin", "identity", "notifier", "catalog", "delivery"), "secret")
    server = KafkaServer(folder, free_port(), free_port(), users)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture(scope="session")
async def kafka(kafka_server: KafkaServer) -> Kafka:
    """How to reach it, with every topic of the table in place."""
    settings = Kafka(bootstrap=kafka_server.bootstrap, user="admin", password=SecretStr("secret"))
    await make_topics(settings)
    return settings


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    """The spans that end from now on."""
    provider = trace.get_tracer_provider()
    if not isinstance(provider, TracerProvider):
        provider = TracerProvider()
        trace.set_tracer_provider(provider)
    made = InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(made))
    return made


@pytest.fixture(scope="session")
def reader() -> InMemoryMetricReader:
    """What the process measures from now on; a process has one provider for good."""
    made = InMemoryMetricReader()
    metrics.set_meter_provider(MeterProvider([made]))
    return made


@pytest.fixture(scope="session")
async def s3(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[S3Server]:
    """An S3 server for this run of the tests."""
    async with s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server
