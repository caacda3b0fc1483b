"""Servers, databases, topics, and the processes between them, for one part of a proof."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from uuid import UUID

import asyncpg
from pydantic import SecretStr

from newsreel_local.kafka import KafkaServer
from newsreel_local.ports import free_base
from newsreel_local.postgres import PostgresServer
from newsreel_proving import brokers
from newsreel_proving.forked_process import Planted, Role, fork_server
from newsreel_proving.journal import Journal
from newsreel_proving.proxy import Proxy
from newsreel_proving.restarting_process import RestartingProcess
from newsreel_runtime.migrate import migrate
from newsreel_runtime.settings import Kafka, Postgres
from newsreel_testing.environment import environment_of
from newsreel_testing.wait_until import until

WRITING = "writing"  # the database of the service that publishes
REPLAYED = "identity"  # the group that the topics table knows: what it parked can be replayed
GROUPS = (REPLAYED, "stranger")
_KEYS = 12
_LEDGER = """
CREATE TABLE subject (key uuid PRIMARY KEY, number int NOT NULL DEFAULT 0, steady boolean NOT NULL);
CREATE TABLE ledger (key uuid, number int, poisonous boolean NOT NULL, PRIMARY KEY (key, number));
"""
# No constraint: what happens twice, or too late, is to be seen.
EFFECT = """
CREATE TABLE effect (n bigserial PRIMARY KEY, key uuid NOT NULL, number int NOT NULL, member text NOT NULL);
CREATE INDEX effect_by_key ON effect (key, number);
"""
_LEADER = """
SELECT usename FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND granted AND usename LIKE 'relay%'
"""
_DIES = (asyncpg.PostgresConnectionError, asyncpg.InternalClientError, asyncpg.OperatorInterventionError)


def cast(planted: Planted) -> list[Role]:
    """Who plays."""
    early: Planted = planted if planted == "acknowledges too early" else ""
    outside: Planted = planted if planted == "effect outside the transaction" else ""
    return [
        Role("writer", "write"),
        *(Role(name, "relay", planted=early) for name in ("relay_a", "relay_b")),
        Role("identity_a", "consume", "identity", planted=outside),
        Role("identity_b", "consume", "identity", planted=outside),
        Role("stranger_a", "consume", "stranger", planted=outside),
    ]


class Stage:
    """Everything that can be killed or cut."""

    def __init__(
        self,
        *,
        folder: Path,
        journal: Journal,
        postgres: PostgresServer,
        kafka: Sequence[KafkaServer],
        proxies: Sequence[Proxy],
        settings: Kafka,
        postgres_port: int,
    ) -> None:
        self.folder = folder
        self.journal = journal
        self.postgres = postgres
        self.kafka = kafka
        self.proxies = proxies
        self.settings = settings
        self._postgres_port = postgres_port
        self._context = fork_server()
        self.processes: dict[str, RestartingProcess] = {}
        self.keys: list[UUID] = []

    async def begin(self, role: Role) -> RestartingProcess:
        """A process of that role, with a login of its own in the database."""
        kinds = {"write": "writer", "relay": "relay", "consume": "consumer"}
        await self._make_login(role.name)
        process = RestartingProcess(
            self._context,
            role=role,
            environment=self._environment(role),
            folder=self.folder,
            journal=self.journal,
            kind=kinds[role.does],
        )
        self.processes[role.name] = process
        return process

    def check(self) -> None:
        """Raise what went wrong with a process."""
        for process in self.processes.values():
            process.check()

    async def leading_relay(self) -> RestartingProcess | None:
        """Whose session holds the lock, if anyone's does."""
        found = await self.ask("postgres", _LEADER)
        return self.processes.get(found[0]["usename"]) if found else None

    async def ask(self, database: str, sql: str, *arguments: object) -> list[asyncpg.Record]:
        """Rows that are read; a server that dies meanwhile is asked again."""
        while True:
            async with self.look(database) as connection:
                try:
                    rows: list[asyncpg.Record] = await connection.fetch(sql, *arguments)
                except _DIES:
                    continue
                return rows

    @asynccontextmanager
    async def look(self, database: str = "postgres") -> AsyncIterator[asyncpg.Connection]:
        """A connection that goes past the proxy; a server that recovers is waited for."""

        async def connected() -> asyncpg.Connection | None:
            try:
                return await self.postgres.connect(database)
            except (OSError, *_DIES):
                return None

        connection = await until(connected, "a PostgreSQL that answers", deadline=30)
        try:
            yield connection
        finally:
            await connection.close()

    async def prepare(self, seed: int, replicas: int) -> None:
        """Topics, databases, and the keys that are written all the time."""
        await brokers.make_topics(self.settings, GROUPS, replicas)
        for name in (WRITING, *GROUPS):
            async with self.look() as admin:
                await admin.execute(f"CREATE DATABASE {name}")
            await migrate(self.login("postgres", name), "newsreel_runtime")
            async with self.look(name) as connection:
                await connection.execute(_LEDGER if name == WRITING else EFFECT)
        chance = random.Random(seed)
        self.keys = [UUID(int=chance.getrandbits(128), version=4) for _ in range(_KEYS)]
        async with self.look(WRITING) as connection:
            await connection.execute(
                "INSERT INTO subject (key, steady) SELECT unnest($1::uuid[]), true", self.keys
            )

    async def stop(self, *names: str) -> None:
        """End these processes in order, at once."""
        await asyncio.gather(*(self.processes.pop(name).stop() for name in names))

    async def discard(self) -> None:
        """End all processes in any way."""
        await asyncio.gather(*(process.discard() for process in self.processes.values()))

    async def _make_login(self, name: str) -> None:
        async with self.look() as connection:
            if not await connection.fetchval("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", name):
                await connection.execute(
                    f"CREATE ROLE {name} SUPERUSER LOGIN PASSWORD '{self.postgres.password}'"
                )

    def login(self, user: str, database: str, port: int | None = None) -> Postgres:
        """How a user reaches a database; the processes under test go through the proxy."""
        password = SecretStr(self.postgres.password)
        port = port or self.postgres.port
        return Postgres(host="127.0.0.1", port=port, database=database, user=user, password=password)

    def _environment(self, role: Role) -> dict[str, str]:
        postgres = self.login(role.name, role.group or WRITING, self._postgres_port)
        instance = {"NEWSREEL_KAFKA_INSTANCE": role.name} if role.group and role.name != "identity_c" else {}
        return environment_of(postgres, self.settings) | instance | {"NEWSREEL_ENVIRONMENT": "test"}


@asynccontextmanager
async def open_stage(
    folder: Path, journal: Journal, seed: int, *, replicas: int, planted: Planted = ""
) -> AsyncIterator[Stage]:
    """One Kafka behind a proxy, or three; all roles at work."""
    base = free_base()
    server = PostgresServer(folder / "postgres", base, "postgres", fsync=False)
    if replicas == 1:
        kafka = [brokers.behind_a_proxy(folder, base + 2, base + 3, base + 4)]
        settings, doors = brokers.settings(base + 4), [(base + 1, base), (base + 4, base + 2)]
    else:
        ports, controllers = [base + 2, base + 3, base + 4], [base + 5, base + 6, base + 7]
        kafka, doors = brokers.three(folder, ports, controllers), [(base + 1, base)]
        settings = brokers.settings(*ports)
    async with AsyncExitStack() as stack:
        proxies = [await stack.enter_async_context(Proxy(port, behind)) for port, behind in doors]
        servers: list[PostgresServer | KafkaServer] = [server, *kafka]
        for part in servers:
            stack.push_async_callback(part.kill)
        await asyncio.gather(*(part.start() for part in servers))
        stage = Stage(
            folder=folder,
            journal=journal,
            postgres=server,
            kafka=kafka,
            proxies=proxies,
            settings=settings,
            postgres_port=base + 1,
        )
        await stage.prepare(seed, replicas)
        stack.push_async_callback(stage.discard)
        for role in cast(planted):
            await stage.begin(role)
        yield stage
