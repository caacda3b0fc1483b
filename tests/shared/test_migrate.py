"""Migrations: forward only, once, and not edited afterwards."""

import asyncio
import os
import re
import subprocess
import sys
from asyncio.subprocess import DEVNULL, PIPE, create_subprocess_exec
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from newsreel_runtime.migrate import MigrationError, migrate, read, wait_for_schema
from newsreel_runtime.settings import Postgres
from newsreel_testing.databases import Databases
from newsreel_testing.environment import environment_of


@pytest.fixture
def package(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A package of its own with a migrations folder."""
    name = "planted_" + re.sub(r"\W", "_", request.node.name)
    folder = tmp_path / name / "migrations"
    folder.mkdir(parents=True)
    (tmp_path / name / "__init__.py").touch()
    (folder / "__init__.py").touch()
    sys.path.insert(0, str(tmp_path))
    yield folder
    sys.path.remove(str(tmp_path))


async def test_each_is_applied_once(package: Path, databases: Databases) -> None:
    name = package.parent.name
    (package / "0001_first.sql").write_text("CREATE TABLE a (n int)")
    async with databases.fresh("newsreel_runtime") as settings:
        assert await migrate(settings, name) == 1
        (package / "0002_second.sql").write_text("CREATE TABLE b (n int)")
        assert await migrate(settings, name) == 1
        assert await migrate(settings, name) == 0


async def test_a_failing_one_leaves_nothing(package: Path, databases: Databases) -> None:
    name = package.parent.name
    (package / "0001_first.sql").write_text("CREATE TABLE a (n int); SELECT 1/0")
    async with databases.fresh("newsreel_runtime") as settings:
        with pytest.raises(asyncpg.DivisionByZeroError):
            await migrate(settings, name)
        (package / "0001_first.sql").write_text("CREATE TABLE a (n int)")
        assert await migrate(settings, name) == 1


async def test_an_edited_one_is_refused(package: Path, databases: Databases) -> None:
    name = package.parent.name
    (package / "0001_first.sql").write_text("CREATE TABLE a (n int)")
    async with databases.fresh("newsreel_runtime") as settings:
        await migrate(settings, name)
        (package / "0001_first.sql").write_text("CREATE TABLE a (n bigint)")
        with pytest.raises(MigrationError, match="edited"):
            await migrate(settings, name)


async def test_the_command_line_says_why_and_repeats_no_row(package: Path, databases: Databases) -> None:
    """Review D5: PostgreSQL's message of a failed migration quotes rows."""
    name = package.parent.name
    wrong = "SELECT 'ada@example.org'::int"
    async with databases.fresh("newsreel_runtime") as settings:
        for file, said in (("0002_a.sql", "are not 1, 2, 3"), ("0001_a.sql", "InvalidTextRepresentation")):
            (package / file).write_text(wrong)
            answer = await asyncio.to_thread(
                subprocess.run,
                [sys.executable, "-c", f"from newsreel_runtime.main import main; main({name!r})", "migrate"],
                env=os.environ | environment_of(settings) | {"PYTHONPATH": str(package.parents[1])},
                capture_output=True,
                text=True,
            )
            assert (answer.returncode, "ada@" in answer.stderr) == (1, False)
            assert said in answer.stderr
            (package / "0002_a.sql").unlink(missing_ok=True)


@pytest.mark.parametrize("file", ["0002_gap.sql", "first.sql"])
def test_a_wrong_name_or_number_is_refused(package: Path, file: str) -> None:
    (package / file).write_text("SELECT 1")
    with pytest.raises(MigrationError):
        read(package.parent.name)


async def test_a_pod_waits_until_somebody_migrates(package: Path, databases: Databases) -> None:
    name = package.parent.name
    (package / "0001_first.sql").write_text("CREATE TABLE a (n int)")
    async with databases.fresh("newsreel_runtime") as settings:
        waiting = asyncio.create_task(wait_for_schema(settings, name, 60))
        with pytest.raises(MigrationError, match=f"migration 0001 of {name} is not applied: run"):
            await wait_for_schema(settings, name, 0)
        assert not waiting.done()
        await migrate(settings, name)
        await waiting
        (package / "0001_first.sql").unlink()
        await wait_for_schema(settings, name, 0)  # a schema newer than the code serves it


async def test_a_database_that_is_away_is_named(package: Path) -> None:
    nowhere = Postgres(port=1, database="a", user="a", password="x")
    with pytest.raises(MigrationError, match=r"PostgreSQL at 127\.0\.0\.1:1 cannot be asked"):
        await wait_for_schema(nowhere, package.parent.name, 0)


async def test_a_service_does_not_start_on_a_schema_that_is_not_its_own(databases: Databases) -> None:
    async with databases.fresh("newsreel_runtime") as settings:
        own = {"NEWSREEL_KAFKA_BOOTSTRAP": "127.0.0.1:9", "NEWSREEL_HTTP_PORT": "0"}
        variables = os.environ | environment_of(settings) | own
        command = (sys.executable, "-m", "catalog", "serve")
        started = await create_subprocess_exec(*command, env=variables, stderr=PIPE, stdout=DEVNULL)
        _, said = await asyncio.wait_for(started.communicate(), 30)
    wanted = "catalog: migration 0001 of catalog is not applied: run `python -m catalog migrate`"
    assert (started.returncode, said.decode().splitlines()[-1]) == (1, wanted)
