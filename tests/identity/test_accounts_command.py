"""`newsreel accounts`: what operators see and do, and that it is recorded."""

import argparse
import asyncio
import base64
import io
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest

from identity.commands.accounts_group import register
from identity.domain.act import Act, ActRefusedError
from identity.domain.challenge import Challenge
from identity.usecases.act_on_account import act_on_account
from identity.usecases.issue_token import issue_token
from identity.usecases.move_account import move_account
from newsreel_runtime.clock import now
from newsreel_runtime.database import Database
from newsreel_runtime.errors import ServiceError
from newsreel_runtime.ids import new_id
from newsreel_testing.databases import Databases
from newsreel_testing.environment import environment_of
from newsreel_testing.identity_service import PASSWORD, Identity, short
from newsreel_testing.wait_until import until

ADDRESS = "ada@example.org"
_WAITS = """
SELECT EXISTS (SELECT FROM pg_stat_activity
               WHERE datname = current_database() AND wait_event_type = 'Lock')
"""
NOTE = ("--reason", "ticket 7", "--as", "olga")


@pytest.fixture
async def operated(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Identity]:
    """A service whose database `newsreel` finds by its settings, with one verified account."""
    async with databases.fresh("identity") as settings, Database.open(settings) as database:
        for name, value in environment_of(settings).items():
            monkeypatch.setenv(name, value)
        made = Identity(database)
        await made.make_account(ADDRESS, now() - timedelta(hours=1))
        yield made
        made.hashing.close()


async def accounts(*words: str) -> int:
    """The exit code of `newsreel accounts …`."""
    parser = argparse.ArgumentParser()
    register(parser.add_subparsers())
    arguments = parser.parse_args(["accounts", *words])
    return await asyncio.to_thread(arguments.run, arguments)


async def id_of(identity: Identity) -> UUID:
    async with identity.database.read() as sql:
        found: UUID = await sql.fetchval("SELECT account_id FROM account")
    return found


async def recorded(identity: Identity) -> list[tuple[str, str, str]]:
    """Who did what, and why."""
    async with identity.database.read() as sql:
        rows = await sql.fetch("SELECT operator, done, reason FROM account_act ORDER BY act_id")
    return [tuple(row) for row in rows]


async def signs_in(identity: Identity) -> bool:
    try:
        await identity.sign_in(ADDRESS, PASSWORD, now())
    except ServiceError as refusal:
        if refusal.code != "sign-in-refused":
            raise
        return False
    return True


async def sessions(identity: Identity) -> int:
    async with identity.database.read() as sql:
        return int(await sql.fetchval("SELECT count(*) FROM session"))


async def test_suspend_takes_access_away_and_restore_gives_it_back(operated: Identity) -> None:
    assert await signs_in(operated)
    async with operated.database.begin() as tx:
        await tx.sql.execute("UPDATE account SET newsletter = true")
    before = len(await operated.outbox())
    assert await accounts("suspend", "ADA@example.org", *NOTE, "--yes") == 0
    assert (await sessions(operated), await signs_in(operated)) == (0, False)
    assert await accounts("restore", str(await id_of(operated)), *NOTE, "--yes") == 0
    assert (await sessions(operated), await signs_in(operated)) == (0, True)
    said = (await operated.outbox())[before:]
    assert [
        (short(row), row.data.get("newsletter", row.data.get("account", {}).get("status"))) for row in said
    ] == [
        ("account.suspended", "suspended"),
        ("contact.changed", False),
        ("account.restored", "active"),
        ("contact.changed", True),
    ]
    assert await recorded(operated) == [("olga", "suspend", "ticket 7"), ("olga", "restore", "ticket 7")]


async def test_end_sessions_signs_out_everywhere_also_one_of_a_clock_ahead(operated: Identity) -> None:
    await operated.sign_in(ADDRESS, PASSWORD, ahead := now() + timedelta(minutes=1))
    assert await accounts("end-sessions", ADDRESS, *NOTE, "--yes") == 0
    assert await sessions(operated) == 0
    said = (await operated.outbox())[-1]
    assert short(said) == "account.sessions-ended"
    assert said.data["account"]["sessions_valid_after"] == ahead.isoformat().replace("+00:00", "Z")
    assert await signs_in(operated)


@pytest.mark.parametrize(("typed", "exit_code"), [("y\n", 0), ("n\n", 1), ("\n", 1), ("", 1)])
async def test_it_asks_before_it_changes_anything(
    operated: Identity, monkeypatch: pytest.MonkeyPatch, typed: str, exit_code: int
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    before = len(await operated.outbox())
    assert await accounts("suspend", ADDRESS, *NOTE) == exit_code
    said = [short(row) for row in (await operated.outbox())[before:]]
    assert len(await recorded(operated)) == said.count("account.suspended") == 1 - exit_code
    assert bool(said) == (exit_code == 0)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("suspend", "nobody@example.org", *NOTE), "there is no such account"),
        (("suspend", "ada", *NOTE), "give the account's id or its mail address"),
        (("restore", ADDRESS, *NOTE), "the account is active; restore takes one that is suspended"),
        (("set-role", ADDRESS, "king", *NOTE), "the roles are editor, press-office, operator"),
        (("suspend", ADDRESS, "--reason", " "), "--reason takes one line"),
        (("suspend", ADDRESS, "--reason", f"{ADDRESS} asked"), "--reason takes one line"),
        (("suspend", ADDRESS, "--reason", "two\nlines"), "--reason takes one line"),
        (("suspend", ADDRESS, "--reason", "r" * 201), "--reason takes one line"),
        (("suspend", ADDRESS, "--reason", "ticket 7", "--as", "o@example.org"), "--as takes one line"),
    ],
)
async def test_a_refusal_changes_nothing_says_why_and_repeats_no_address(
    operated: Identity, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], why: str
) -> None:
    before = len(await operated.outbox())
    assert await accounts(*words, "--yes") == 1
    said = capsys.readouterr().err
    assert why in said
    assert "nothing was changed" in said
    assert "@" not in said
    assert (await recorded(operated), len(await operated.outbox())) == ([], before)


async def test_an_unproven_account_cannot_be_suspended(operated: Identity) -> None:
    await operated.register("new@example.org", now())
    assert await accounts("suspend", "new@example.org", *NOTE, "--yes") == 1


async def test_show_prints_the_account_and_what_was_done(
    operated: Identity, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await signs_in(operated)
    assert await accounts("show", ADDRESS) == 0
    said = capsys.readouterr().out
    assert f"{await id_of(operated)} {ADDRESS}: active" in said
    assert "1 sessions, roles: none" in said
    assert await accounts("suspend", ADDRESS, *NOTE, "--yes") == 0
    assert await accounts("show", ADDRESS) == 0
    assert "suspend by olga: ticket 7" in capsys.readouterr().out


async def test_roles_are_set_are_in_the_next_token_and_are_taken_away(operated: Identity) -> None:
    assert await signs_in(operated)
    assert await accounts("set-role", ADDRESS, "press-office", "editor", *NOTE, "--yes") == 0
    assert await sessions(operated) == 0
    started = await operated.sign_in(ADDRESS, PASSWORD, now())
    issued = await issue_token(
        operated.database, started.token, operated.keys.sessions, operated.signer, now()
    )
    payload = issued.access_token.split(".")[1]
    assert json.loads(base64.urlsafe_b64decode(payload + "=="))["roles"] == ["editor", "press-office"]
    assert await accounts("set-role", ADDRESS, "editor", "press-office", *NOTE, "--yes") == 1
    assert await accounts("set-role", ADDRESS, *NOTE, "--yes") == 0
    said = (await operated.outbox())[-2:]
    assert [(short(row), row.data["account"]["roles"]) for row in said] == [
        ("account.roles-changed", ["editor", "press-office"]),
        ("account.roles-changed", []),
    ]
    assert [done for _, done, _ in await recorded(operated)] == [
        "set-role editor press-office",
        "set-role (none)",
    ]


async def test_delete_leaves_the_record_alone_and_tombstones(
    operated: Identity, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await signs_in(operated)
    account_id, before = await id_of(operated), len(await operated.outbox())
    assert await accounts("delete", ADDRESS, *NOTE, "--yes") == 0
    said = (await operated.outbox())[before:]
    assert [short(row) for row in said] == ["account.deleted", "account.erased", "contact.erased"]
    async with operated.database.read() as sql:
        for table in ("account", "session", "challenge"):
            assert await sql.fetchval(f"SELECT count(*) FROM {table}") == 0  # noqa: S608 (constants)
    assert await recorded(operated) == [("olga", "delete", "ticket 7")]
    assert not await signs_in(operated)
    capsys.readouterr()
    assert await accounts("show", str(account_id)) == 0
    shown = capsys.readouterr().out
    assert "the account is gone" in shown
    assert "delete by olga: ticket 7" in shown


async def test_the_account_that_took_an_address_along_is_found_by_it(
    operated: Identity, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its owner, whose account somebody else moved to another address, names the old one."""
    account_id = await id_of(operated)
    moving = Challenge(new_id(), "address", account_id, "eve@x.example", "eve@x.example", "en", b"")
    async with operated.database.begin() as tx:
        assert await move_account(tx, moving, now())
    assert await accounts("show", ADDRESS) == 0
    assert f"this was the address of account {account_id}" in capsys.readouterr().out
    assert await accounts("suspend", ADDRESS, "--yes", *NOTE) == 1
    assert await accounts("suspend", str(account_id), "--yes", *NOTE) == 0
    # The owner begins anew, and the old story is told still.
    await operated.make_account(ADDRESS, now())
    capsys.readouterr()
    assert await accounts("show", ADDRESS) == 0
    shown = capsys.readouterr().out
    assert f"{ADDRESS}: active" in shown
    assert f"this was the address of account {account_id}" in shown
    assert await accounts("show", "nobody@example.org") == 1


async def test_an_operator_waits_for_another_and_sees_what_that_one_did(operated: Identity) -> None:
    account_id = await id_of(operated)

    async def suspend(operator: str) -> None:
        async with operated.database.begin() as tx:
            await act_on_account(tx, account_id, Act("suspend", operator, "ticket 7", now()))

    async def waits() -> bool:
        async with operated.database.read() as sql:
            return bool(await sql.fetchval(_WAITS))

    async with operated.database.begin() as tx:
        await act_on_account(tx, account_id, Act("suspend", "olga", "ticket 7", now()))
        other = asyncio.create_task(suspend("oleg"))
        await until(waits, "the second operator to wait for the first")
    with pytest.raises(ActRefusedError, match="the account is suspended"):
        await other
    assert await recorded(operated) == [("olga", "suspend", "ticket 7")]


async def test_settings_that_lack_and_a_database_that_is_away_have_exit_codes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("HOST", "PORT", "DATABASE", "USER", "PASSWORD"):
        monkeypatch.delenv(f"NEWSREEL_POSTGRES_{name}", raising=False)
    assert await accounts("show", ADDRESS) == 2
    away = {"HOST": "127.0.0.1", "PORT": "9", "DATABASE": "d", "USER": "u", "PASSWORD": "p"}
    for name, value in away.items():
        monkeypatch.setenv(f"NEWSREEL_POSTGRES_{name}", value)
    assert await accounts("show", ADDRESS) == 3
