"""The databases of the services: made once, and their schema brought up to date before any service starts."""

import asyncio

import asyncpg

from newsreel_local.environment import Layout
from newsreel_local.postgres import ADMIN, ensure_databases
from newsreel_local.process import StartError
from newsreel_local.secrets_file import DATABASE_OWNERS
from newsreel_runtime.migrate import MigrationError, migrate
from newsreel_runtime.settings import Postgres


async def prepare(layout: Layout) -> int:
    """Roles, databases and migrations; says how many migrations were applied. Raises `StartError`."""
    given, (host, port) = layout.external_postgres, layout.postgres_address
    try:
        admin = await asyncpg.connect(
            host=host,
            port=port,
            user=given.get("NEWSREEL_POSTGRES_USER", ADMIN),
            password=given.get("NEWSREEL_POSTGRES_PASSWORD", layout.secrets.postgres_admin),
            database=given.get("NEWSREEL_POSTGRES_DATABASE", ADMIN),
            timeout=10,
        )
        try:
            await ensure_databases(admin, layout.secrets.postgres)
        finally:
            await admin.close()
        applied = await asyncio.gather(*(migrate(_of(layout, name), name) for name in DATABASE_OWNERS))
    except MigrationError as error:
        raise StartError(str(error)) from error
    except (OSError, asyncpg.PostgresError) as error:
        raise StartError(f"PostgreSQL at {host}:{port}: {error}") from error
    return sum(applied)


def _of(layout: Layout, service: str) -> Postgres:
    settings = layout.settings(service)
    prefix = "NEWSREEL_POSTGRES_"
    return Postgres.model_validate(
        {
            name.removeprefix(prefix).lower(): text
            for name, text in settings.items()
            if name.startswith(prefix)
        }
    )
