"""`newsreel clients`: what operators see and do, that it is recorded, and what tokens it leaves."""

import argparse
import asyncio
import base64
import io
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest

from identity.commands.clients_group import register
from identity.store import clients
from newsreel_runtime.clock import now
from newsreel_runtime.database import Database
from newsreel_testing.databases import Databases
from newsreel_testing.environment import environment_of
from newsreel_testing.identity_service import Identity, short

NOTE = ("--reason", "ticket 7", "--as", "olga", "--yes")


@pytest.fixture
async def operated(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Identity]:
    """A service whose database `newsreel` finds by its settings."""
    async with databases.fresh("identity") as settings, Database.open(settings) as database:
        for name, value in environment_of(settings).items():
            monkeypatch.setenv(name, value)
        made = Identity(database)
        yield made
        made.hashing.close()


async def command(*words: str) -> int:
    """The exit code of `newsreel clients …`."""
    parser = argparse.ArgumentParser()
    register(parser.add_subparsers())
    arguments = parser.parse_args(["clients", *words])
    return await asyncio.to_thread(arguments.run, arguments)


async def made(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[str, str]:
    """Id and secret, as the command prints them."""
    capsys.readouterr()
    assert await command(*words, *NOTE) == 0
    lines = capsys.readouterr().out.splitlines()
    return lines[0].partition(" ")[0], lines[-1]


async def is_let_in(identity: Identity, client_id: str, secret: str) -> bool:
    pair = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    async with identity.client() as client:
        answer = await client.post(
            "/v1/token", data={"grant_type": "client_credentials"}, headers={"Authorization": f"Basic {pair}"}
        )
    assert answer.status_code in {200, 401}, answer.text
    return answer.is_success


async def recorded(identity: Identity) -> list[tuple[UUID, str, str, str]]:
    """To whom who did what, and why."""
    async with identity.database.read() as sql:
        rows = await sql.fetch("SELECT account_id, operator, done, reason FROM account_act ORDER BY act_id")
    return [tuple(row) for row in rows]


async def test_a_client_is_made_with_a_secret_that_no_table_has(
    operated: Identity, capsys: pytest.CaptureFixture[str]
) -> None:
    client_id, secret = await made(capsys, "create", "clipper", "downloads", "downloads")
    assert len(base64.urlsafe_b64decode(secret + "=")) == 32
    assert await is_let_in(operated, client_id, secret)
    async with operated.database.read() as sql:
        for table in ("client", "account_act"):
            rows = await sql.fetch(f"SELECT t::text AS text FROM {table} AS t")  # noqa: S608 (constants)
            assert rows
            assert not [row for row in rows if secret in row["text"]]
    known = UUID(client_id)
    assert await recorded(operated) == [(known, "olga", "create client clipper: downloads", "ticket 7")]
    assert await operated.outbox() == []
    assert await command("list") == 0
    listed = capsys.readouterr().out
    assert f"{client_id} clipper: downloads; secret of" in listed
    assert "create client clipper: downloads by olga: ticket 7" in listed
    assert secret not in listed


async def test_two_secrets_live_for_a_day_and_never_three(
    operated: Identity, capsys: pytest.CaptureFixture[str]
) -> None:
    client_id, first = await made(capsys, "create", "clipper", "downloads")
    _, second = await made(capsys, "rotate", "clipper")
    assert [await is_let_in(operated, client_id, secret) for secret in (first, second)] == [True, True]
    assert await command("list") == 0
    assert ", the one before until " in capsys.readouterr().out
    _, third = await made(capsys, "rotate", client_id)
    secrets = (first, second, third)
    assert [await is_let_in(operated, client_id, secret) for secret in secrets] == [False, True, True]
    async with operated.database.begin() as tx:
        ends = await tx.sql.fetchval("SELECT older_secret_ends_at - now() FROM client")
        assert timedelta(hours=23, minutes=59) < ends <= timedelta(hours=24)
        await tx.sql.execute("UPDATE client SET older_secret_ends_at = now() - interval '1 second'")
    assert [await is_let_in(operated, client_id, secret) for secret in secrets] == [False, False, True]
    assert await operated.outbox() == []
    assert [done for _, _, done, _ in await recorded(operated)][1:] == ["rotate", "rotate"]


async def test_a_secret_that_others_have_ends_at_once_with_its_tokens(
    operated: Identity, capsys: pytest.CaptureFixture[str]
) -> None:
    client_id, first = await made(capsys, "create", "clipper", "downloads")
    await made(capsys, "rotate", "clipper")
    before = now()
    _, third = await made(capsys, "rotate", "clipper", "--at-once")
    assert [await is_let_in(operated, client_id, secret) for secret in (first, third)] == [False, True]
    [said] = await operated.outbox()
    assert (short(said), said.key, said.data["account"]["status"]) == (
        "account.sessions-ended",
        client_id,
        "active",
    )
    async with operated.database.read() as sql:
        [client] = await clients.every(sql)
    assert before < client.tokens_valid_after < now()
    assert said.data["account"]["sessions_valid_after"] == (
        client.tokens_valid_after.isoformat().replace("+00:00", "Z")
    )
    assert client.issue_moment(before) > client.tokens_valid_after  # also by a clock behind
    assert (await recorded(operated))[-1][2] == "rotate --at-once"


async def test_a_deleted_client_gets_no_token_and_is_erased_everywhere(
    operated: Identity, capsys: pytest.CaptureFixture[str]
) -> None:
    client_id, secret = await made(capsys, "create", "clipper", "downloads")
    other_id, other = await made(capsys, "create", "archive", "downloads")
    assert await command("delete", "clipper", *NOTE) == 0
    assert [await is_let_in(operated, *pair) for pair in ((client_id, secret), (other_id, other))] == [
        False,
        True,
    ]
    deleted, erased = await operated.outbox()
    assert (short(deleted), deleted.key, deleted.data["account"]["status"]) == (
        "account.deleted",
        client_id,
        "deleted",
    )
    assert (short(erased), erased.topic, erased.key) == (
        "account.erased",
        "identity.account.v1",
        client_id,
    )
    assert (await recorded(operated))[-1] == (UUID(client_id), "olga", "delete client clipper", "ticket 7")
    again, _ = await made(capsys, "create", "clipper", "downloads")  # the name is free, the id is another
    assert again != client_id


@pytest.mark.parametrize("typed", ["y\n", "n\n", "\n", ""])
@pytest.mark.parametrize(
    "words", [("create", "other", "downloads"), ("rotate", "clipper"), ("delete", "clipper")]
)
async def test_it_asks_before_it_changes_anything(
    operated: Identity,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    typed: str,
) -> None:
    await made(capsys, "create", "clipper", "downloads")
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    exit_code = 0 if typed == "y\n" else 1
    assert await command(*words, *NOTE[:-1]) == exit_code
    assert len(await recorded(operated)) == 2 - exit_code


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("create", "clipper", "downloads"), "there is a client of that name"),
        (("create", "other", "everything"), "the scopes are downloads"),
        (("create", "other", "downloads", "accounts"), "the scopes are downloads"),
        (("create", "Other", "downloads"), "a name is a small letter"),
        (("create", "ends-", "downloads"), "a name is a small letter"),
        (("create", "01980000-0000-7000-8000-000000000000", "downloads"), "a name is a small letter"),
        (("create", "o" * 65, "downloads"), "a name is a small letter"),
        (("rotate", "nobody"), "there is no such client"),
        (("delete", "01980000-0000-7000-8000-000000000000"), "there is no such client"),
        (("delete", "clipper", "--reason", "o@example.org asked"), "--reason takes one line"),
    ],
)
async def test_a_refusal_changes_nothing_and_says_why(
    operated: Identity, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], why: str
) -> None:
    client_id, secret = await made(capsys, "create", "clipper", "downloads")
    assert await command(words[0], *NOTE, *words[1:]) == 1
    said = capsys.readouterr().err
    assert why in said
    assert "nothing was changed" in said
    assert len(await recorded(operated)) == 1
    assert await is_let_in(operated, client_id, secret)


async def test_settings_that_lack_and_a_database_that_is_away_have_exit_codes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("HOST", "PORT", "DATABASE", "USER", "PASSWORD"):
        monkeypatch.delenv(f"NEWSREEL_POSTGRES_{name}", raising=False)
    assert await command("list") == 2
    away = {"HOST": "127.0.0.1", "PORT": "9", "DATABASE": "d", "USER": "u", "PASSWORD": "p"}
    for name, value in away.items():
        monkeypatch.setenv(f"NEWSREEL_POSTGRES_{name}", value)
    assert await command("list") == 3
