"""A service's PostgreSQL database: how to connect, which errors mean that it is away, and its pool."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Any, Self

import asyncpg

from newsreel_runtime.settings import Postgres
from newsreel_runtime.sql import Sql
from newsreel_runtime.transaction import Tx

# PostgreSQL cannot work now, whatever the statement was: wait, and try again. `TimeoutError` is an `OSError`.
DATABASE_AWAY = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection that is lost in the middle of BEGIN
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresSystemError,  # its disk or its files fail
    asyncpg.DataCorruptedError,
    asyncpg.IndexCorruptedError,
    # It takes no writes: a standby, or an operator's default_transaction_read_only.
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.ObjectNotInPrerequisiteStateError,  # it takes no connections, or a lock is not to be had
    # A deployment that is not finished: a role, a grant, a schema or a migration is missing. SQLSTATE class
    # 42 says that a statement does not fit the schema, which no value in it can cause.
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidSchemaNameError,
    asyncpg.SyntaxOrAccessError,
)
# Whatever a call can raise: for loops that log it and try again at the next turn.
DATABASE_ERRORS = (*DATABASE_AWAY, asyncpg.PostgresError)

# How PostgreSQL frees the locks of a process that is stopped (above what a handler may take, 300 s), or whose
# host is gone (after some 30 s).
IDLE_LIMIT = 330.0  # seconds of silence in a transaction
NO_SETTINGS: Mapping[str, str] = MappingProxyType({})
# For a service whose statements look things up by key: each is planned once, along the indexes. Those that
# take arrays cost more to plan than to run, and a table that was empty when it was planned may have grown. (A
# path that is switched off costs 10^10 below PostgreSQL 18: enough for its compiler to begin.)
BY_KEY: Mapping[str, str] = MappingProxyType(
    {"plan_cache_mode": "force_generic_plan", "enable_seqscan": "off", "enable_sort": "off", "jit": "off"}
)
_KEEPALIVES = {"tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "4"}


def connection_arguments(settings: Postgres) -> dict[str, Any]:
    """The arguments that asyncpg's `connect` and `create_pool` share."""
    return {
        "host": settings.host,
        "port": settings.port,
        "database": settings.database,
        "user": settings.user,
        "password": settings.password.get_secret_value,  # asyncpg calls it for each connection
        "timeout": 10,
    }


async def _keep_as_it_is(_: asyncpg.Connection) -> None:
    """No session state is ever set, so a released connection needs no reset round trip."""


class Database:
    """A service's connection pool: opens transactions, tells the relay of each commit that wrote events."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self._listeners: list[Callable[[], None]] = []

    @classmethod
    @asynccontextmanager
    async def open(
        cls, settings: Postgres, idle_limit: float = IDLE_LIMIT, session: Mapping[str, str] = NO_SETTINGS
    ) -> AsyncIterator[Self]:
        """Open the pool, and close it at the end. Connections are made when they are needed.

        PostgreSQL ends a session that is in a transaction, and silent, for `idle_limit` seconds. Each begins
        with the settings of PostgreSQL that `session` names.
        """
        pool = asyncpg.create_pool(
            **connection_arguments(settings),
            min_size=0,
            max_size=settings.pool_size,
            command_timeout=30,
            reset=_keep_as_it_is,
            server_settings=_KEEPALIVES
            | {"idle_in_transaction_session_timeout": f"{idle_limit * 1000:.0f}"}
            | dict(session),
        )
        async with pool:
            yield cls(pool)

    def on_emitted(self, listener: Callable[[], None]) -> None:
        """Call `listener` after each commit that added to the outbox."""
        self._listeners.append(listener)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Tx]:
        """A transaction that commits at the end of the block and rolls back when it raises."""
        async with self.pool.acquire() as connection:
            tx = Tx(connection)
            try:
                yield tx
                emitted = await tx.flush()
                await tx.sql.commit()
            except BaseException:
                await tx.sql.roll_back()
                raise
        if emitted:
            for listener in self._listeners:
                listener()
        tx.committed()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Sql]:
        """A connection for a single read, without the round trips of a transaction."""
        async with self.pool.acquire() as connection:
            yield connection

    async def ping(self) -> None:
        """One round trip; raises when the database does not answer."""
        async with self.pool.acquire(timeout=2) as connection:
            await connection.execute("SELECT 1", timeout=2)
