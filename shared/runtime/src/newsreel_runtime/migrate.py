"""Forward-only migrations: numbered SQL files in a package, each applied once in a transaction of its own."""

import asyncio
import hashlib
import re
import time
from dataclasses import dataclass
from importlib.resources import files

import asyncpg

from newsreel_runtime.database import DATABASE_AWAY, connection_arguments
from newsreel_runtime.settings import Postgres

_NAME = re.compile(r"^(\d{4})_[a-z0-9_]+\.sql$")
_LOCK = 0x6E657773  # one migration at a time in a database
_LOOK = 0.5  # seconds between two looks at a schema that somebody else brings up to date
_TABLE = """
CREATE TABLE IF NOT EXISTS migration (
    package text NOT NULL,
    number int NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (package, number)
)
"""


class MigrationError(RuntimeError):
    """The files and the database do not belong together; nothing was changed."""


@dataclass(frozen=True)
class Migration:
    """One file: its package, its number, and its SQL."""

    package: str
    number: int
    sql: str

    @property
    def sha256(self) -> str:
        """The checksum by which an edited file is recognised."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def read(package: str) -> list[Migration]:
    """The migrations in `<package>.migrations`, in order, numbered from 1 without a gap."""
    found = []
    for file in files(f"{package}.migrations").iterdir():
        if file.name.endswith(".sql"):
            named = _NAME.match(file.name)
            if named is None:
                raise MigrationError(f"{package}: {file.name} is not named NNNN_what.sql")
            found.append(Migration(package, int(named[1]), file.read_text()))
    found.sort(key=lambda migration: migration.number)
    if [migration.number for migration in found] != list(range(1, len(found) + 1)):
        raise MigrationError(f"{package}: the numbers of the migrations are not 1, 2, 3, …")
    return found


async def _apply(connection: asyncpg.Connection, migration: Migration) -> bool:
    known = await connection.fetchval(
        "SELECT sha256 FROM migration WHERE package = $1 AND number = $2", migration.package, migration.number
    )
    if known is not None:
        if known != migration.sha256:
            raise MigrationError(f"{migration.package} {migration.number:04} was edited after it was applied")
        return False
    async with connection.transaction():
        await connection.execute("SET LOCAL lock_timeout = '5s'; SET LOCAL statement_timeout = '60s'")
        await connection.execute(migration.sql)
        await connection.execute(
            "INSERT INTO migration (package, number, sha256) VALUES ($1, $2, $3)",
            migration.package,
            migration.number,
            migration.sha256,
        )
    return True


async def migrate(settings: Postgres, package: str) -> int:
    """Bring the database of `package` up to date and say how many migrations were applied.

    The runtime's own tables come first. Raises `MigrationError` when an applied file was edited.
    """
    connection = await asyncpg.connect(**connection_arguments(settings))
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        await connection.execute(_TABLE)
        pending = [*read("newsreel_runtime"), *read(package)]
        return sum([await _apply(connection, migration) for migration in pending])
    finally:
        await connection.close()


async def wait_for_schema(settings: Postgres, package: str, seconds: float) -> None:
    """Return once somebody has applied all that `package` needs; more than that does no harm.

    Raises `MigrationError` after `seconds`: what is missing, or why the database could not be asked.
    """
    end = time.monotonic() + seconds
    while True:
        try:
            lacks = await lacking(settings, package)
        except DATABASE_AWAY as error:
            lacks = f"PostgreSQL at {settings.host}:{settings.port} cannot be asked: {type(error).__name__}"
        if lacks is None:
            return
        if time.monotonic() >= end:
            raise MigrationError(f"{package}: {lacks}")
        await asyncio.sleep(_LOOK)


async def lacking(settings: Postgres, package: str) -> str | None:
    """Which migration the code needs and the database has not, and the command that mends it."""
    connection = await asyncpg.connect(**connection_arguments(settings))
    try:
        is_empty = await connection.fetchval("SELECT to_regclass('migration') IS NULL")
        rows = [] if is_empty else await connection.fetch("SELECT package, number FROM migration")
    finally:
        await connection.close()
    applied = {(row["package"], row["number"]) for row in rows}
    for migration in [*read("newsreel_runtime"), *read(package)]:
        if (migration.package, migration.number) not in applied:
            missing = f"migration {migration.number:04} of {migration.package} is not applied"
            return f"{missing}: run `python -m {package} migrate`"
    return None
