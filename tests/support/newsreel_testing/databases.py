"""A fresh database per test, copied from a template that the service's real migrations made."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

import asyncpg
from pydantic import SecretStr

from newsreel_local.postgres import PostgresServer
from newsreel_runtime.database import Database
from newsreel_runtime.migrate import migrate
from newsreel_runtime.settings import Postgres

_numbers = count(1)


class Databases:
    """Makes databases on one server; a service's template is migrated once."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._templates: set[str] = set()

    def settings(self, database: str) -> Postgres:
        """How to reach one of its databases."""
        return Postgres(
            host=self._server.host,
            port=self._server.port,
            database=database,
            user="postgres",
            password=self._server.password,
        )

    async def _execute(self, sql: str) -> None:
        connection = await self._server.connect()
        try:
            await connection.execute(sql)
        finally:
            await connection.close()

    async def connect(self, database: str) -> asyncpg.Connection:
        """A connection of the administrator, which the caller closes."""
        return await self._server.connect(database)

    async def login(self, settings: Postgres) -> Postgres:
        """A role that may use all tables of that database, and is nobody else's."""
        connection = await self.connect(settings.database)
        user = f"user_{settings.database}"
        try:
            await connection.execute(
                f"DROP ROLE IF EXISTS {user}; CREATE ROLE {user} LOGIN PASSWORD 'secret';"
                f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {user};"
                f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {user};"
                f"GRANT CREATE, USAGE ON SCHEMA public TO {user}"
            )
        finally:
            await connection.close()
        return settings.model_copy(update={"user": user, "password": SecretStr("secret")})

    @asynccontextmanager
    async def fresh(self, service: str) -> AsyncIterator[Postgres]:
        """The settings of a new, migrated database of `service`; it is dropped at the end."""
        template = f"template_{service}"
        if template not in self._templates:
            await self._execute(f"CREATE DATABASE {template}")
            await migrate(self.settings(template), service)
            self._templates.add(template)
        name = f"{service}_{next(_numbers)}"
        await self._execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self.settings(name)
        finally:
            await self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    @asynccontextmanager
    async def open(self, service: str) -> AsyncIterator[Database]:
        """A fresh database, opened as the service opens it."""
        async with self.fresh(service) as settings, Database.open(settings) as database:
            yield database
