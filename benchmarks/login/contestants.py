"""Who signs people in: identity, and two peers in a venv of their own, as their documents have them."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL, create_subprocess_exec
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.http_client import Http
from identity.domain.password_hash import hash_password
from newsreel_local.paths import DOWNLOADS
from newsreel_local.ports import free_ports
from newsreel_local.postgres import PostgresServer
from newsreel_local.process import Command, run_to_end
from newsreel_runtime.database import Database
from newsreel_runtime.migrate import migrate
from newsreel_testing.identity_process import identity_process

PEOPLE = 200
PASSWORD = "Correct-Horse-7"  # noqa: S105 (nobody's)
_PEERS = Path(__file__).parent / "peers"
_WORKERS = "2"  # processes of a peer, one for each core: they hash where they serve
_ACCOUNTS = """
INSERT INTO account (account_id, address, address_key, locale, status, password_hash,
                     sessions_valid_after, registered_at, verified_at)
SELECT gen_random_uuid(), address, address, 'en', 'active', $2,
       now() - interval '1 day', now() - interval '1 day', now() - interval '1 day'
FROM (SELECT 'p' || n || '@example.org' AS address FROM generate_series(0, $1 - 1) AS n) AS made
"""


@dataclass(frozen=True)
class Contestant:
    """Where it listens, and what signs somebody in there."""

    http: Http
    path: str
    body: Callable[[str], str]
    status: int


@asynccontextmanager
async def ours(server: PostgresServer) -> AsyncIterator[Contestant]:
    """Identity, one process, two threads for hashes: its defaults."""
    await _execute(server, "CREATE DATABASE identity")
    postgres = server.settings("identity")
    await migrate(postgres, "identity")
    async with Database.open(postgres) as database, database.begin() as tx:
        await tx.sql.execute(_ACCOUNTS, PEOPLE, hash_password(PASSWORD).phc)
    async with identity_process(postgres) as origin:
        http = Http(int(origin.rpartition(":")[2]))
        yield Contestant(
            http, "/v1/sessions", lambda to: json.dumps({"address": to, "password": PASSWORD}), 201
        )


@asynccontextmanager
async def fastapi_users(server: PostgresServer, python: Path, *, equal: bool) -> AsyncIterator[Contestant]:
    """By uvicorn."""
    words = ("-m", "uvicorn", "--workers", _WORKERS, "--no-access-log", "fastapi_users_app:app", "--port")
    async with _peer(server, python, "fastapi_users_app", words, equal=equal) as port:
        http = Http(port, "application/x-www-form-urlencoded")
        yield Contestant(
            http, "/auth/jwt/login", lambda to: urlencode({"username": to, "password": PASSWORD}), 200
        )


@asynccontextmanager
async def allauth(server: PostgresServer, python: Path, *, equal: bool) -> AsyncIterator[Contestant]:
    """By gunicorn, with threads."""
    words = ("-m", "gunicorn", "--workers", _WORKERS, "--threads", "8", "allauth_app", "--bind")
    async with _peer(server, python, "allauth_app", words, equal=equal) as port:
        yield Contestant(
            Http(port),
            "/_allauth/app/v1/auth/login",
            lambda to: json.dumps({"email": to, "password": PASSWORD}),
            200,
        )


@asynccontextmanager
async def _peer(
    server: PostgresServer, python: Path, module: str, words: tuple[str, ...], *, equal: bool
) -> AsyncIterator[int]:
    name = f"{module}_{'equal' if equal else 'default'}"
    await _execute(server, f"CREATE DATABASE {name}")
    dsn = f"postgresql://postgres:{server.password}@{server.host}:{server.port}/{name}"
    variables = {"PATH": os.environ["PATH"], "DATABASE": dsn, "PYTHONPATH": str(_PEERS)}
    variables |= {"OURS": "1"} if equal else {}
    await run_to_end(Command([str(python), "-m", module, str(PEOPLE), PASSWORD], None, variables))
    (port,) = free_ports(1)
    bound = f"127.0.0.1:{port}" if words[-1] == "--bind" else str(port)
    process = await create_subprocess_exec(
        str(python), *words, bound, env=variables, stdout=DEVNULL, stderr=DEVNULL
    )
    try:
        await _until_listening(port)
        yield port
    finally:
        process.terminate()
        await process.wait()


async def _until_listening(port: int) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                writer.close()
                return


async def _execute(server: PostgresServer, sql: str) -> None:
    connection = await server.connect()
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


async def peers_python() -> Path:
    """The interpreter of the peers' venv, which is made the first time; that takes the package index."""
    folder = DOWNLOADS / "bench-login"
    python, stamp = folder / "bin" / "python", folder / "installed.txt"
    wanted = (_PEERS / "requirements.txt").read_text()
    if not stamp.exists() or stamp.read_text() != wanted:
        environment: Mapping[str, str] = os.environ
        await run_to_end(Command([sys.executable, "-m", "venv", str(folder)], None, environment))
        install = [str(python), "-m", "pip", "install", "--quiet", "-r", str(_PEERS / "requirements.txt")]
        await run_to_end(Command(install, None, environment))
        stamp.write_text(wanted)
    return python
