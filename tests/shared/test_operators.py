"""What operators' commands share: the relay hears of their events, and how they end."""

import argparse
import asyncio
import io
from collections.abc import AsyncIterator

import pytest

from newsreel_runtime import operators, outbox
from newsreel_runtime.errors import FieldError, ServiceError
from newsreel_runtime.settings import Postgres
from newsreel_testing.consumer_harness import an_event
from newsreel_testing.databases import Databases
from newsreel_testing.environment import environment_of


class RefusedError(Exception):
    """Said in two lines."""


@pytest.fixture
async def settings(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Postgres]:
    """A database that a command finds by its settings."""
    async with databases.fresh("newsreel_runtime") as fresh:
        for name, value in environment_of(fresh).items():
            monkeypatch.setenv(name, value)
        yield fresh


@pytest.mark.parametrize("emits", [True, False])
async def test_the_relay_is_woken_by_what_was_emitted(
    databases: Databases, settings: Postgres, emits: bool
) -> None:
    woken = asyncio.Event()
    connection = await databases.connect(settings.database)
    await connection.add_listener(outbox.CHANNEL, lambda *_: woken.set())
    async with operators.opened(settings) as database, database.begin() as tx:
        await tx.sql.execute("SELECT 1")
        if emits:
            tx.emit(an_event())
    await connection.execute("SELECT 1")  # PostgreSQL tells of notifications before the answer
    await connection.close()
    assert woken.is_set() is emits


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (None, 0, ""),
        (RefusedError("one\ntwo"), 1, "act: one\nact: two\nact: nothing was changed\n"),
        (
            ServiceError("x", 409, "Too late", "Look again."),
            1,
            "act: Too late: Look again.\nact: nothing was changed\n",
        ),
        (
            ServiceError("x", 422, "No", "", fields=[FieldError("name", "c", "is empty")]),
            1,
            "act: name: is empty\nact: nothing was changed\n",
        ),
        (ConnectionRefusedError(), 3, "act: the database is out of reach: ConnectionRefusedError\n"),
    ],
)
async def test_a_command_says_how_it_ended(
    settings: Postgres, capsys: pytest.CaptureFixture[str], error: Exception | None, code: int, told: str
) -> None:
    async def work(_: Postgres) -> None:
        if error is not None:
            raise error

    assert await asyncio.to_thread(operators.run, "act", work, RefusedError) == code
    assert capsys.readouterr().err == told


def test_settings_that_are_missing_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NEWSREEL_POSTGRES_PORT", "none")

    async def work(_: Postgres) -> None:
        raise ZeroDivisionError

    assert operators.run("act", work) == 2
    assert "NEWSREEL_POSTGRES_PORT" in capsys.readouterr().err


@pytest.mark.parametrize(("typed", "is_done"), [("y\n", True), ("YES\n", True), ("n\n", False), ("", False)])
def test_a_yes_is_waited_for(monkeypatch: pytest.MonkeyPatch, typed: str, is_done: bool) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    if is_done:
        operators.confirm("delete it", yes=False)
    else:
        with pytest.raises(operators.NotConfirmedError):
            operators.confirm("delete it", yes=False)
    operators.confirm("delete it", yes=True)


def test_who_acts_is_said_or_the_user() -> None:
    assert operators.operator(argparse.Namespace(operator="olga")) == "olga"
    assert operators.operator(argparse.Namespace(operator=None))
