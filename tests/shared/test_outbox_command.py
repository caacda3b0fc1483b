"""`newsreel outbox`: what operators see of refused events, and what they can do about them."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable

import pytest

from newsreel_runtime.database import Database
from newsreel_runtime.publisher import outbox_dead
from newsreel_runtime.publisher.outbox_dead import Refused
from newsreel_runtime.settings import Postgres
from newsreel_testing.databases import Databases
from newsreel_testing.environment import environment_of
from newsreel_testing.relay_harness import put, waiting

Command = Callable[..., Awaitable[subprocess.CompletedProcess[bytes]]]
PUBLIC, PRIVATE = "notifier.mail.v1", "identity.contact.v1"


def run(arguments: tuple[str, ...], settings: Postgres | None) -> subprocess.CompletedProcess[bytes]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NEWSREEL_")}
    if settings is not None:
        environment |= environment_of(settings)
    command = [sys.executable, "-m", "newsreel_runtime.command", "outbox", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, check=False)


async def dead_in(database: Database, topic: str) -> str:
    """One dead event with one that waits behind it; its id."""
    await put(database, topic, "k", b"\xff first", b"second")
    first = (await waiting(database))[0]
    async with database.read() as connection:
        await outbox_dead.bury(connection, [Refused(first.seq, "PolicyViolationError", 5)])
    assert await waiting(database) == []
    return first.id


async def test_look_put_back_and_drop(databases: Databases) -> None:
    async with databases.fresh("newsreel_runtime") as settings, Database.open(settings) as database:

        async def outbox(*arguments: str) -> subprocess.CompletedProcess[bytes]:
            return await asyncio.to_thread(run, arguments, settings)

        nothing = await outbox("ls")
        assert (nothing.returncode, nothing.stdout) == (0, b"")
        assert nothing.stderr == b"newsreel outbox: nothing is dead\n"
        event = await dead_in(database, PUBLIC)
        listed = await outbox("ls")
        assert listed.returncode == 0
        for word in (event, PUBLIC, "PolicyViolationError", "5 tries", "1 wait behind it"):
            assert word in listed.stdout.decode()
        assert (await outbox("show", event)).stdout == b"\xff first\n"
        assert (await outbox("retry", event)).stdout.decode() == f"{event} put back\n"
        assert [row.payload for row in await waiting(database)] == [b"\xff first", b"second"]
        again = await outbox("drop", event)
        assert (again.returncode, again.stdout.decode()) == (1, f"{event} is not among the dead\n")
        first = (await waiting(database))[0]
        async with database.read() as connection:
            await outbox_dead.bury(connection, [Refused(first.seq, "PolicyViolationError", 5)])
        assert (await outbox("drop", event)).returncode == 0
        assert [row.payload for row in await waiting(database)] == [b"second"]


async def test_a_tombstone_dies_and_comes_back_as_one(databases: Databases) -> None:
    async with databases.fresh("newsreel_runtime") as settings, Database.open(settings) as database:
        await put(database, PRIVATE, "k", None)
        [row] = await waiting(database)
        async with database.read() as connection:
            await outbox_dead.bury(connection, [Refused(row.seq, "PolicyViolationError", 5)])
        assert b"0 bytes" in (await asyncio.to_thread(run, ("ls",), settings)).stdout
        await asyncio.to_thread(run, ("retry", row.id), settings)
        assert [row.payload for row in await waiting(database)] == [None]


async def test_personal_data_is_shown_on_demand_only(databases: Databases) -> None:
    async with databases.fresh("newsreel_runtime") as settings, Database.open(settings) as database:
        event = await dead_in(database, PRIVATE)
        refused = await asyncio.to_thread(run, ("show", event), settings)
        assert (refused.returncode, refused.stdout) == (1, b"")
        shown = await asyncio.to_thread(run, ("show", event, "--private"), settings)
        assert shown.stdout == b"\xff first\n"


@pytest.mark.parametrize(("port", "code"), [(None, 2), (1, 3)])
def test_settings_and_an_absent_database_are_told_apart(port: int | None, code: int) -> None:
    settings = Postgres(port=port, database="d", user="u", password="p") if port else None
    assert run(("ls",), settings).returncode == code
