"""The code page tells what became of the mail, also while it is open."""

import json
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import pytest
from playwright.async_api import expect

from identity.domain.challenge import Fate
from identity.store import codes
from newsreel_runtime.clock import now
from newsreel_testing.chromium import chromium, needs_chromium
from newsreel_testing.identity_service import PASSWORD
from newsreel_testing.openapi import served
from newsreel_testing.page_checks import Html
from newsreel_testing.portal import Portal

HANDED_OVER = "The e-mail has been handed to your mail server. The code works for another 30 minutes."
DELAYED = "Your mail server is not taking the e-mail yet."


async def asked_code(portal: Portal, path: str = "/register") -> UUID:
    """Ask for a code: the challenge's id."""
    fields = {"address": portal.address} | ({"password": PASSWORD} if path == "/register" else {})
    assert (await portal.post(path, **fields)).status_code == 303
    page = Html.of((await portal.get("/code" if path == "/register" else "/forgot/code")).text)
    return UUID(next(field.get("value") for field in page.all("input") if field.get("name") == "challenge"))


async def mail_was(portal: Portal, challenge_id: UUID, fate: Fate | None) -> None:
    """Identity hears what became of the first mail; None: it was accepted."""
    async with portal.services.identity.database.begin() as tx:
        if fate is None:
            codes.record_accepted(tx, challenge_id, 1, now())
        else:
            codes.record_fate(tx, challenge_id, 1, fate)


def shown(page: httpx.Response) -> str:
    return Html.of(page.text).by_id("progress").text.strip()


@pytest.mark.parametrize(("start", "path"), [("/register", "/code"), ("/forgot", "/forgot/code")])
async def test_without_a_script_the_page_tells_what_it_knew(portal: Portal, start: str, path: str) -> None:
    challenge_id = await asked_code(portal, start)
    page = await portal.get(path)
    assert shown(page) == "The e-mail is on its way."
    assert "You can ask for a new code in" in page.text
    await mail_was(portal, challenge_id, "delayed")
    assert DELAYED in shown(await portal.get(path))
    await mail_was(portal, challenge_id, "bounced")
    page = await portal.get(path)
    assert "cannot be delivered" in shown(page)
    assert "You can ask for a new code in" not in page.text
    await mail_was(portal, challenge_id, None)
    assert shown(await portal.get(path)) == HANDED_OVER


async def test_a_wrong_code_keeps_the_words(portal: Portal) -> None:
    await mail_was(portal, await asked_code(portal), None)
    refused = await portal.post("/code", code="00000000")
    assert refused.status_code == 422
    assert shown(refused) == HANDED_OVER


async def test_who_comes_when_no_mail_may_go_is_told_which_code_works(portal: Portal) -> None:
    for _ in range(4):
        async with portal.another_browser() as other:
            portal.browser, mine = other, portal.browser
            await asked_code(portal, "/forgot")
            portal.browser = mine
    await asked_code(portal, "/forgot")
    assert "Use the long code in the newest one" in shown(await portal.get("/forgot/code"))


async def test_programs_get_it_as_json(portal: Portal) -> None:
    challenge_id = await asked_code(portal)
    await mail_was(portal, challenge_id, None)
    answer = await portal.browser.get("/code/progress", headers={"Accept": "application/json"})
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    assert (told["state"], told["words"], told["is_final"]) == ("accepted", HANDED_OVER, False)
    assert 0 < told["resend_after_seconds"] <= 30
    async with portal.another_browser() as stranger:
        refused = await stranger.get("/code/progress", headers={"Accept": "application/json"})
        assert (refused.status_code, refused.headers["content-type"]) == (404, "application/problem+json")


async def test_the_stream_ends_when_nothing_comes_for_a_while(portal: Portal) -> None:
    challenge_id = await asked_code(portal)
    await mail_was(portal, challenge_id, None)
    answer = await portal.browser.get("/code/progress", headers={"Accept": "text/event-stream"})
    assert answer.headers["content-type"].startswith("text/event-stream")
    retry, event, data = answer.text.strip().split("\n")
    assert (retry, event) == ("retry: 30000", "event: progress")
    assert json.loads(data.removeprefix("data: "))["state"] == "accepted"


async def test_without_identity_the_page_is_there(portal: Portal) -> None:
    await asked_code(portal)
    portal.identity.away = True
    page = await portal.get("/code")
    assert (page.status_code, shown(page)) == (200, "The e-mail is on its way.")
    answer = await portal.browser.get("/code/progress", headers={"Accept": "text/event-stream"})
    assert answer.status_code == 503


async def test_a_state_of_a_later_release_is_taken(portal: Portal) -> None:
    challenge_id = await asked_code(portal)
    async with portal.services.identity.database.begin() as tx:
        await tx.sql.execute(
            "UPDATE challenge_code SET mail = 'read-aloud' WHERE challenge_id = $1", challenge_id
        )
    assert shown(await portal.get("/code")) == "The e-mail is on its way."


async def test_a_code_that_has_expired_is_told(portal: Portal) -> None:
    challenge_id = await asked_code(portal)
    async with portal.services.identity.database.begin() as tx:
        await tx.sql.execute(
            "UPDATE challenge_code SET requested_at = requested_at - $2::interval WHERE challenge_id = $1",
            challenge_id,
            timedelta(minutes=31),
        )
    assert "The code has expired" in shown(await portal.get("/code"))


@needs_chromium
async def test_an_open_page_is_told_as_it_happens(portal: Portal, tmp_path: Path) -> None:
    challenge_id = await asked_code(portal)
    async with served(portal.app) as address:
        port = urlsplit(address).port or 0
        async with chromium(tmp_path, portal.origin, port, portal.cookies()) as browser:
            page = browser.pages[0]
            complaints: list[str] = []
            page.on("console", lambda said: complaints.append(said.text))
            await page.goto(f"{portal.origin}/code")
            words = page.locator("#progress")
            await expect(words).to_have_text("The e-mail is on its way.")
            await mail_was(portal, challenge_id, "delayed")
            await expect(words).to_contain_text(DELAYED, timeout=20_000)
            await mail_was(portal, challenge_id, None)
            await expect(words).to_have_text(HANDED_OVER, timeout=20_000)
            # By plain http, as here, a browser says that it ignores one of the headers.
            assert [text for text in complaints if "Cross-Origin-Opener-Policy" not in text] == []
