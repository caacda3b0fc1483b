"""The PostgreSQL of the local stack: databases closed to each other; what was committed survives a kill."""

from pathlib import Path

import asyncpg
import pytest

from newsreel_local.ports import free_ports
from newsreel_local.postgres import PostgresServer, ensure_databases

PASSWORDS = {"identity": "one", "notifier": "two"}


async def test_a_service_reaches_its_own_database_only(postgres_server: PostgresServer) -> None:
    admin = await postgres_server.connect()
    await ensure_databases(admin, PASSWORDS)
    await ensure_databases(admin, PASSWORDS)  # what is there stays
    await admin.close()

    async def connect(user: str, database: str) -> asyncpg.Connection:
        return await asyncpg.connect(
            host="127.0.0.1",
            port=postgres_server.port,
            user=user,
            password=PASSWORDS[user],
            database=database,
        )

    own = await connect("identity", "identity")
    assert await own.fetchval("SELECT lower('ÉЖ')") == "éж"
    await own.close()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connect("identity", "notifier")


async def test_committed_rows_survive_a_kill(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    server = PostgresServer(tmp_path / "postgres", port, "secret", fsync=False)
    try:
        await server.start()
        connection = await server.connect()
        await connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        connection.terminate()
        await server.kill()
        await server.start()
        connection = await server.connect()
        assert await connection.fetchval("SELECT number FROM kept") == 7
        await connection.close()
    finally:
        await server.stop()
