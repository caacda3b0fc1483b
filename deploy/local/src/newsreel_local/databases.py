"""The databases of the services: made once, and their schema brought up to date before any service starts."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from newsreel_local import digest
from newsreel_local.environment import Layout
from newsreel_local.process import StartError
from newsreel_local.secrets_file import DATABASE_OWNERS

if TYPE_CHECKING:
    import asyncpg


def _stamp(layout: Layout) -> Path:
    return layout.local.data("postgres") / "schema"


def _digest() -> str:
    return digest.of_packages(["newsreel_runtime", *DATABASE_OWNERS], (".sql",))


def are_current(layout: Layout) -> bool:
    """Whether our own PostgreSQL has the databases, migrated to exactly what the packages hold."""
    return not layout.external_postgres and digest.is_current(_stamp(layout), _digest())


async def prepare(layout: Layout) -> int:
    """Roles, databases and migrations; says how many migrations were applied. Raises `StartError`."""
    from newsreel_local.postgres import ensure_databases
    from newsreel_runtime.database import DATABASE_ERRORS
    from newsreel_runtime.migrate import MigrationError, migrate
    from newsreel_runtime.settings import Postgres

    groups = {
        name: Postgres.model_validate(layout.group("NEWSREEL_POSTGRES_", layout.settings(name)))
        for name in DATABASE_OWNERS
    }
    try:
        admin = await _connect(layout)
        try:
            await ensure_databases(admin, layout.secrets.postgres)
        finally:
            await admin.close()
        applied = await asyncio.gather(*(migrate(group, name) for name, group in groups.items()))
    except MigrationError as error:
        raise StartError(str(error)) from error
    except DATABASE_ERRORS as error:
        raise StartError(f"PostgreSQL at {layout.postgres_address}: {error}") from error
    if not layout.external_postgres:
        _stamp(layout).write_text(_digest())
    return sum(applied)


async def _connect(layout: Layout) -> "asyncpg.Connection":
    import asyncpg

    given, (host, port) = layout.external_postgres, layout.postgres_address
    return await asyncpg.connect(
        host=host,
        port=port,
        user=given.get("NEWSREEL_POSTGRES_USER", "postgres"),
        password=given.get("NEWSREEL_POSTGRES_PASSWORD", layout.secrets.postgres_admin),
        database=given.get("NEWSREEL_POSTGRES_DATABASE", "postgres"),
        timeout=10,
    )
