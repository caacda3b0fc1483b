"""C12: programs that look at mails follow their links. That changes nothing, and signs nobody in."""

import re
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from newsreel_testing.fake_smtp import PORTAL
from newsreel_testing.portal import Portal
from notifier.domain.unsubscribe import unsubscribe_token

GOLDEN = Path(__file__).parents[1] / "notifier" / "golden"


def mailed_paths() -> list[str]:
    """Where the links of all kinds of mail lead, on the portal."""
    found = set()
    for file in GOLDEN.glob("*.eml"):
        part = message_from_bytes(file.read_bytes(), policy=default).get_body(("plain",))
        assert part is not None
        found |= set(re.findall(rf"{re.escape(PORTAL)}(/\S+)", part.get_content()))
    return sorted(found)


async def everything(portal: Portal) -> dict[str, list[str]]:
    """All rows of identity's tables."""
    async with portal.services.identity.database.read() as sql:
        tables = await sql.fetch("SELECT relname FROM pg_stat_user_tables ORDER BY relname")
        return {
            table["relname"]: [
                row[0]
                for row in await sql.fetch(f'SELECT t::text FROM "{table["relname"]}" AS t ORDER BY 1')  # noqa: S608 (a table's name of ours)
            ]
            for table in tables
        }


def test_the_mails_have_links() -> None:
    assert {"/code", "/forgot", "/register", "/sign-in"} < {path.partition("?")[0] for path in mailed_paths()}


@pytest.mark.parametrize("signed_in", [True, False])
@pytest.mark.parametrize("path", mailed_paths())
async def test_c12_following_a_mailed_link_changes_nothing(
    portal: Portal, path: str, signed_in: bool
) -> None:
    await portal.sign_in()
    await portal.post("/newsletter", "/", wanted="yes", return_to="/")
    link, _, token = path.partition("token=")
    if token:
        ring = portal.services.identity.keys.unsubscribe
        link += f"token={unsubscribe_token(ring, await portal.account_id())}"
    before = await everything(portal)
    async with portal.another_browser() as other:
        browser = portal.browser if signed_in else other
        for method in ("HEAD", "GET", "OPTIONS"):
            for purpose in ({}, {"Sec-Purpose": "prefetch"}, {"User-Agent": "MailScanner"}):
                answer = await browser.request(method, link, headers=purpose)
                assert answer.status_code < 500
                assert "newsreel=" not in answer.headers.get("set-cookie", "")
                if answer.status_code == 200:
                    assert answer.headers["referrer-policy"] == ("no-referrer" if token else "same-origin")
        assert "newsreel" not in other.cookies
    assert await everything(portal) == before
    assert await portal.subscribed()
