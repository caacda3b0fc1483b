"""`newsreel catalog list|show|withhold|release|withdraw`, as an editor meets them."""

import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE, create_subprocess_exec
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from catalog.commands.import_videos import import_folder
from catalog.outbound_media.folder import Folder
from newsreel_runtime.database import Database
from newsreel_runtime.settings import Postgres
from newsreel_testing.databases import Databases
from newsreel_testing.environment import environment_of

REFERENCE = "NR-2026-0900"
WHY = ("--why", "ticket 7", "--as", "olga")
RIGHTS = (*WHY, "--reason", "rights")


@dataclass(frozen=True)
class Terminal:
    """The command in a process of its own, on a catalog with two videos."""

    settings: Postgres

    async def run(self, *words: str, typed: str = "", **variables: str) -> tuple[int, str, str]:
        """Exit code, output, errors."""
        command = (str(Path(sys.executable).with_name("newsreel")), "catalog", *words)
        environment = environment_of(self.settings) | variables
        started = await create_subprocess_exec(
            *command, env=environment, stdin=PIPE, stdout=PIPE, stderr=PIPE
        )
        output, errors = await asyncio.wait_for(started.communicate(typed.encode()), 60)
        return started.returncode or 0, output.decode(), errors.decode()

    async def stored(self) -> tuple[str, int, int]:
        """Status and version of the video, and how many events wait."""
        async with Database.open(self.settings) as database, database.read() as sql:
            row = await sql.fetchrow(
                "SELECT status, version, (SELECT count(*) FROM outbox) FROM video WHERE reference = $1",
                REFERENCE,
            )
        assert row is not None
        return tuple(row)


@pytest.fixture
async def terminal(
    databases: Databases, submit: Callable[..., Path], media_root: Path
) -> AsyncIterator[Terminal]:
    async with databases.fresh("catalog") as settings:
        for reference in (REFERENCE, "NR-OTHER"):
            assert await import_folder(settings, Folder(media_root), submit(reference), dry_run=False) == 0
        async with Database.open(settings) as database, database.begin() as tx:
            await tx.sql.execute("DELETE FROM outbox")
        yield Terminal(settings)


async def test_a_video_is_withheld_released_and_withdrawn(terminal: Terminal) -> None:
    code, said, _ = await terminal.run("withhold", REFERENCE, *RIGHTS, "--note", "en=One shot is not ours.")
    assert (code, said.splitlines()[-1]) == (0, f"{REFERENCE}  withheld, version 2: Bridge opens")
    assert (await terminal.run("list", "--status", "withheld"))[1].startswith(
        f"{REFERENCE}  withheld  version 2"
    )
    code, said, _ = await terminal.run("release", REFERENCE, *WHY)
    assert (code, said) == (0, f"{REFERENCE}  usable, version 3: Bridge opens\n")
    code, said, _ = await terminal.run("withdraw", REFERENCE, *RIGHTS, typed="y\n")
    assert (code, said.splitlines()[-1].endswith(f"{REFERENCE}  withdrawn, version 4: Bridge opens")) == (
        0,
        True,
    )
    code, said, _ = await terminal.run("show", REFERENCE)
    assert code == 0
    assert "told to everybody: rights" in said
    history = [line.partition(" UTC ")[2] for line in said.splitlines()[-4:]]
    assert history == [
        "published, version 1, by import: imported",
        "withheld, version 2, by olga: ticket 7",
        "released, version 3, by olga: ticket 7",
        "withdrawn, version 4, by olga: ticket 7",
    ]


async def test_texts_are_edited(terminal: Terminal) -> None:
    texts = ("--title", "en=Bridge reopens", "--title", "fr=", "--keywords", "en=bridge; ferry")
    code, said, _ = await terminal.run("edit", REFERENCE, *WHY, *texts, "--location", "Tirvane")
    assert (code, said) == (0, f"{REFERENCE}  usable, version 2: Bridge reopens\n")
    code, said, _ = await terminal.run("edit", REFERENCE, *WHY, *texts, "--location", "Tirvane")
    assert (code, said) == (0, f"{REFERENCE}  unchanged, version 2\n")
    assert await terminal.stored() == ("usable", 2, 1)
    shown = json.loads((await terminal.run("show", REFERENCE, "--json"))[1])
    assert shown["titles"] == {"en": "Bridge reopens", "uk": "Міст відкрито"}
    assert shown["history"][-1]["why"] == "titles, keywords, location: ticket 7"
    for words, field in (
        (("--title", "en=a\u202eb"), "titles.en"),
        (("--keywords", "en=a;;b"), "keywords.en.2"),
        (("--headline", "en="), "headlines"),
        (("--description", "en"), "descriptions"),
    ):
        code, _, errors = await terminal.run("edit", REFERENCE, *WHY, *words)
        assert (code, f"{field}: " in errors) == (1, True), errors
    assert await terminal.stored() == ("usable", 2, 1)


async def test_programs_get_json(terminal: Terminal) -> None:
    await terminal.run("withhold", REFERENCE, *RIGHTS, "--note", "fr=Droits à vérifier.")
    listed = [json.loads(line) for line in (await terminal.run("list", "--json"))[1].splitlines()]
    assert [(one["reference"], one["status"], one["version"]) for one in listed] == [
        ("NR-OTHER", "usable", 1),
        (REFERENCE, "withheld", 2),
    ]
    assert len((await terminal.run("list", "--limit", "1"))[1].splitlines()) == 1
    shown = json.loads((await terminal.run("show", REFERENCE, "--json"))[1])
    assert shown["stop"] == {"reason": "rights", "note": {"fr": "Droits à vérifier."}}
    assert [act["done"] for act in shown["history"]] == ["published", "withheld"]


@pytest.mark.parametrize("typed", ["", "n\n", "yep\n"])
async def test_a_withdrawal_is_asked_for(terminal: Terminal, typed: str) -> None:
    code, said, errors = await terminal.run("withdraw", REFERENCE, *RIGHTS, typed=typed)
    assert (code, "withdraw it for good? [y/N]" in said) == (1, True)
    assert "nothing was changed" in errors
    assert await terminal.stored() == ("usable", 1, 0)
    assert (await terminal.run("withdraw", REFERENCE, *RIGHTS, "--yes"))[0] == 0


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("--why", "a\u202eb"), "why"),
        (("--why", "line\nbreak"), "why"),
        (("--why", "x" * 251), "why"),
        (("--why", "call ada@desk.example"), "why"),
        (("--why", " "), "why"),
        (("--note", "en=a\u2066b"), "note.en"),
        (("--note", "en=" + "x" * 4001), "note.en"),
        (("--note", "de=Nein"), "note.de"),
        (("--note", "en"), "note"),
        (("--note", "en=a", "--note", "en=b"), "note"),
    ],
)
async def test_what_is_refused_names_its_field_and_changes_nothing(
    terminal: Terminal, words: tuple[str, ...], field: str
) -> None:
    code, _, errors = await terminal.run("withhold", REFERENCE, *RIGHTS, *words)
    assert (code, errors.splitlines()[0].startswith(f"catalog withhold: {field}: ")) == (1, True), errors
    assert await terminal.stored() == ("usable", 1, 0)


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("withhold", "NR-NONE", *RIGHTS), 1, "there is no video NR-NONE"),
        (("show", "NR-NONE"), 1, "there is no video NR-NONE"),
        (("release", REFERENCE, *WHY), 1, "It is usable, and cannot become usable"),
        (("withhold", REFERENCE, *WHY), 2, "--reason"),
        (("withhold", REFERENCE, *RIGHTS, "--as", "a@b"), 2, "--as"),
        (("withdraw", REFERENCE, *WHY, "--reason", "mood"), 2, "--reason"),
        (("list", "--limit", "0"), 2, "--limit"),
    ],
)
async def test_a_refusal_says_what_to_do(
    terminal: Terminal, words: tuple[str, ...], code: int, told: str
) -> None:
    ended, _, errors = await terminal.run(*words)
    assert (ended, told in errors) == (code, True), errors
    assert await terminal.stored() == ("usable", 1, 0)


async def test_settings_and_a_database_that_is_away_have_exit_codes_of_their_own(terminal: Terminal) -> None:
    assert (await terminal.run("list", NEWSREEL_POSTGRES_PORT="no"))[0] == 2
    code, _, errors = await terminal.run("withhold", REFERENCE, *RIGHTS, NEWSREEL_POSTGRES_PORT="1")
    assert (code, len(errors.splitlines())) == (3, 1)


async def test_killed_in_the_middle_nothing_has_happened_and_once_more_all_of_it(terminal: Terminal) -> None:
    doomed = {"NEWSREEL_FAILPOINTS": "editorial.stopped", "NEWSREEL_ENVIRONMENT": "test"}
    code, _, _ = await terminal.run("withdraw", REFERENCE, *RIGHTS, "--yes", **doomed)
    assert code == -signal.SIGKILL
    assert await terminal.stored() == ("usable", 1, 0)
    async with Database.open(terminal.settings) as database, database.read() as sql:
        found = "SELECT count(*) FROM moment JOIN video USING (video_id) WHERE reference = $1"
        assert await sql.fetchval(found, REFERENCE) > 0
        assert await sql.fetchval("SELECT count(*) FROM editorial_act WHERE done = 'withdrawn'") == 0
    assert (await terminal.run("withdraw", REFERENCE, *RIGHTS, "--yes"))[0] == 0
    assert await terminal.stored() == ("withdrawn", 2, 3)
    assert (await terminal.run("withdraw", REFERENCE, *RIGHTS, "--yes"))[0] == 1
