"""What all contestants share: one PostgreSQL, one Kafka, a reader with the same clock."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from pydantic import SecretStr

from newsreel_local.kafka import KafkaServer
from newsreel_local.ports import free_ports
from newsreel_local.postgres import PostgresServer
from newsreel_runtime.kafka import connection_options
from newsreel_runtime.settings import Kafka, Postgres

PARTITIONS = 12
_TICKS = os.sysconf("SC_CLK_TCK")


class Stage:
    """The servers."""

    def __init__(self, folder: Path, server: PostgresServer, kafka: Kafka) -> None:
        self.folder = folder
        self.server = server
        self.kafka = kafka

    def postgres(self, name: str) -> Postgres:
        """A contestant's database."""
        return self.server.settings(name)

    def environment(self, name: str) -> dict[str, str]:
        """What a contestant's process needs to know."""
        if self.kafka.user is None or self.kafka.password is None:
            raise ValueError("the contestants log in with SASL")
        return os.environ | {
            "NEWSREEL_POSTGRES_HOST": self.server.host,
            "NEWSREEL_POSTGRES_PORT": str(self.server.port),
            "NEWSREEL_POSTGRES_DATABASE": name,
            "NEWSREEL_POSTGRES_USER": "postgres",
            "NEWSREEL_POSTGRES_PASSWORD": self.server.password,
            "NEWSREEL_KAFKA_BOOTSTRAP": self.kafka.bootstrap,
            "NEWSREEL_KAFKA_USER": self.kafka.user,
            "NEWSREEL_KAFKA_PASSWORD": self.kafka.password.get_secret_value(),
        }

    async def topic(self, name: str) -> None:
        """Twelve partitions."""
        admin = AIOKafkaAdminClient(**connection_options(self.kafka))
        await admin.start()
        try:
            await admin.create_topics([NewTopic(name, PARTITIONS, 1)])
        finally:
            await admin.close()


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Stage]:
    """Both servers, fsync on."""
    port, controller, postgres = free_ports(3)
    await asyncio.to_thread(folder.chmod, 0o755)  # PostgreSQL runs as somebody else when we are root
    kafka = KafkaServer(folder / "kafka", port, controller, dict.fromkeys(("broker", "admin"), "secret"))
    server = PostgresServer(folder / "postgres", postgres, "postgres")
    await asyncio.gather(kafka.start(), server.start())
    try:
        yield Stage(
            folder, server, Kafka(bootstrap=kafka.bootstrap, user="admin", password=SecretStr("secret"))
        )
    finally:
        await asyncio.gather(kafka.stop(), server.stop())


class Reader:
    """Reads one topic to its end, and notes when each event arrived."""

    def __init__(self, stage: Stage, topic: str) -> None:
        self._consumer = AIOKafkaConsumer(**connection_options(stage.kafka))
        self._parts = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        self.arrived: dict[int, int] = {}

    async def __aenter__(self) -> Self:
        await self._consumer.start()
        self._consumer.assign(self._parts)
        await self._consumer.seek_to_end(*self._parts)
        for part in self._parts:
            await self._consumer.position(part)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._consumer.stop()

    async def ends(self) -> int:
        """How many records the topic has."""
        return sum((await self._consumer.end_offsets(self._parts)).values())

    async def read(self, until: "asyncio.Task[Any]") -> None:
        """Note arrivals, by number, until the future is done."""
        while not until.done():
            fetched = await self._consumer.getmany(timeout_ms=200)
            now = time.monotonic_ns()
            for records in fetched.values():
                for record in records:
                    self.arrived.setdefault(int(record.value[6:-2]), now)


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def rss_mb(pid: int) -> float:
    """Resident memory now."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024
