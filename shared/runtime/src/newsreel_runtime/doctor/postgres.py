"""The service's database: reachable, new enough, with the schema of this code, and with our time."""

import asyncpg

from newsreel_runtime.clock import now
from newsreel_runtime.database import DATABASE_AWAY, connection_arguments
from newsreel_runtime.doctor.finding import Finding
from newsreel_runtime.migrate import lacking
from newsreel_runtime.settings import Postgres

_OLDEST = 150000  # PostgreSQL 15, as server_version_num
_FACTS = """
SELECT current_setting('server_version_num')::int, current_setting('server_version'), clock_timestamp()
"""
_SKEW = 2.0  # seconds; docs/runbooks/clock.md


async def look_at_database(settings: Postgres, service: str) -> list[Finding]:
    """Changes nothing."""
    place = f"PostgreSQL at {settings.host}:{settings.port}, database {settings.database}"
    try:
        connection = await asyncpg.connect(**connection_arguments(settings))
        try:
            number, version, time = await connection.fetchrow(_FACTS)
        finally:
            await connection.close()
        lacks = await lacking(settings, service)
    except asyncpg.PostgresError as error:
        mend = f"NEWSREEL_POSTGRES_USER, _PASSWORD, _DATABASE: {type(error).__name__}"
        return [Finding("database", f"{place} refuses {settings.user}", mend)]
    except DATABASE_AWAY as error:
        mend = f"NEWSREEL_POSTGRES_HOST, _PORT, or start it: {type(error).__name__}"
        return [Finding("database", f"{place} does not answer", mend)]
    skew = (now() - time).total_seconds()
    return [
        Finding("database", f"{place}: {version}", None if number >= _OLDEST else "PostgreSQL 15 or newer"),
        Finding("schema", lacks.partition(": ")[0], lacks.partition(": ")[2])
        if lacks
        else Finding("schema", "has every migration of this code"),
        Finding(
            "clock",
            f"differs from the database's by {skew:+.1f} s",
            "NTP, here or there" if abs(skew) > _SKEW else None,
        ),
    ]
