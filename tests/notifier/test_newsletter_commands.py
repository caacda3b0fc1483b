"""`newsreel newsletter …`, as an operator runs it."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, create_subprocess_exec
from pathlib import Path

import pytest

from newsreel_runtime.database import Database
from newsreel_runtime.settings import Postgres
from newsreel_testing.databases import Databases
from newsreel_testing.environment import environment_of
from newsreel_testing.newsletter_stage import Newsletters

_SETTINGS = {
    "NEWSREEL_NOTIFIER_MAIL_FROM": "Newsreel <no-reply@newsreel.test>",
    "NEWSREEL_NOTIFIER_PORTAL_ORIGIN": "https://portal.test",
}


async def newsreel(postgres: Postgres, *words: str, **changed: str) -> tuple[int, str, str]:
    """Exit code, output and errors of the command."""
    program = Path(sys.executable).with_name("newsreel")
    variables = os.environ | environment_of(postgres) | _SETTINGS | changed
    process = await create_subprocess_exec(
        program, "newsletter", *words, env=variables, stdout=PIPE, stderr=PIPE
    )
    output, errors = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode is not None
    return process.returncode, output.decode(), errors.decode()


async def test_from_preview_to_status(databases: Databases) -> None:
    async with databases.fresh("notifier") as postgres, Database.open(postgres) as database:
        code, _, errors = await newsreel(postgres, "preview")
        assert (code, "nothing is new" in errors) == (1, True)
        newsletters = Newsletters(database)
        await newsletters.subscriber("ada@desk.example")
        await newsletters.published("Пресконференція")
        code, text, _ = await newsreel(postgres, "preview", "--language", "uk")
        assert code == 0
        assert text.startswith("Subject: Нове на Newsreel: Пресконференція\n")
        assert text.splitlines()[-1] == "https://portal.test/newsletter/unsubscribe?token="
        assert "<h2" in (await newsreel(postgres, "preview", "--html"))[1]
        code, _, errors = await newsreel(postgres, "send")
        assert (code, "1 new videos, 1 subscribers: nothing was sent" in errors) == (1, True)
        assert await newsletters.states() == []
        code, text, _ = await newsreel(postgres, "send", "--yes")
        assert (code, "by hand: 1 videos, 1 queued" in text) == (0, True)
        assert (await newsreel(postgres, "send", "--yes"))[0] == 1
        told = json.loads((await newsreel(postgres, "status", "--json"))[1])
        assert (told["subscribers"], told["waiting_videos"]) == (1, 0)
        assert told["issues"][0]["states"] == {"queued": 1}
        await newsletters.execute(
            "UPDATE newsletter_mail SET state = 'accepted', ended_at = now(), address = NULL"
        )
        code, text, _ = await newsreel(postgres, "status", "--follow")
        assert (code, text.splitlines()[-1].endswith("1 videos, 1 accepted")) == (0, True)


@pytest.mark.parametrize(
    ("changed", "code", "said"),
    [
        ({"NEWSREEL_NOTIFIER_NEWSLETTER": "daily"}, 2, "NEWSREEL_NOTIFIER_NEWSLETTER"),
        ({"NEWSREEL_POSTGRES_PORT": "1"}, 3, "the database is out of reach"),
    ],
)
async def test_what_is_wrong_is_said(
    databases: Databases, changed: dict[str, str], code: int, said: str
) -> None:
    async with databases.fresh("notifier") as postgres:
        ended, _, errors = await newsreel(postgres, "status", **changed)
    assert (ended, said in errors) == (code, True)
    assert "Traceback" not in errors
