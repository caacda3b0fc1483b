"""Download: with a session, without one, with a dead one, and as a program with a token of its own."""

from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest

from delivery import errors as delivery_errors
from newsreel_runtime.clock import now
from newsreel_runtime.http.problems import response as problem
from newsreel_testing.identity_service import PASSWORD
from newsreel_testing.page_checks import Html
from newsreel_testing.portal import Portal
from newsreel_testing.portal_videos import BROADCAST, VIDEO

PAGE = f"/videos/{VIDEO}"
PRESS = f"{PAGE}/renditions/{BROADCAST}/download"


async def test_without_a_session_one_signs_in_and_is_back_at_that_rendition(portal: Portal) -> None:
    await portal.register_account()
    pressed = await portal.post(PRESS, PAGE)
    assert (pressed.status_code, pressed.headers["location"]) == (303, "/sign-in")
    assert "continue with your download" in (await portal.get("/sign-in")).text
    back = await portal.post("/sign-in", address=portal.address, password=PASSWORD)
    assert back.headers["location"] == f"{PAGE}?rendition={BROADCAST}#rendition-{BROADCAST}"
    assert "You chose this file" in (await portal.get(back.headers["location"])).text


async def test_with_a_session_the_press_leads_to_a_ticket_that_gives_the_file(portal: Portal) -> None:
    """Trial B1: the edge is told the file at the ticket's own address, and takes no redirect there."""
    await portal.sign_in()
    pressed = await portal.post(PRESS, PAGE)
    ticket = pressed.headers["location"]
    assert (pressed.status_code, urlsplit(ticket).path[:10]) == (303, "/download/")
    for method in ("GET", "HEAD"):
        followed = await portal.browser.request(method, ticket)
        assert followed.status_code == 200
        assert followed.headers["x-accel-redirect"].startswith(f"/media/{BROADCAST}/")
        assert followed.headers["cache-control"] == "private, no-store"
        assert followed.headers["content-disposition"].startswith("attachment; ")
        assert followed.content == b""
    same = await portal.browser.get(ticket, headers={"If-None-Match": followed.headers["etag"]})
    other = await portal.browser.get(ticket, headers={"If-Match": '"other"'})
    assert (same.status_code, other.status_code) == (304, 412)


async def test_a_ticket_without_a_session_signs_in_first(portal: Portal) -> None:
    await portal.sign_in()
    ticket = (await portal.post(PRESS, PAGE)).headers["location"]
    await portal.post("/sign-out", "/")
    followed = await portal.get(ticket)
    assert (followed.status_code, followed.headers["location"]) == (303, "/sign-in")
    back = await portal.post("/sign-in", address=portal.address, password=PASSWORD)
    assert back.headers["location"] == ticket


@pytest.mark.parametrize("dead_at", ["identity", "delivery"])
async def test_a_dead_session_signs_in_again(portal: Portal, dead_at: str) -> None:
    await portal.sign_in()
    token = await portal.token(PAGE)
    if dead_at == "identity":
        await portal.end_sessions()
    else:
        await portal.tell_delivery(ended=now() + timedelta(seconds=1))
    fields, headers = {"form_token": token}, {"Origin": portal.origin}
    pressed = await portal.browser.post(PRESS, data=fields, headers=headers)
    assert (pressed.status_code, pressed.headers["location"]) == (303, "/sign-in")
    assert "newsreel" not in portal.cookies()


async def test_somebody_elses_ticket_is_not_known(portal: Portal) -> None:
    await portal.sign_in()
    answer = await portal.get(f"/download/{uuid4()}")
    assert answer.status_code == 404
    assert "Open the video and press Download." in answer.text


async def test_a_file_that_is_gone_is_a_page(portal: Portal) -> None:
    await portal.sign_in()
    answer = await portal.post(f"{PAGE}/renditions/{uuid4()}/download", PAGE)
    assert answer.status_code == 404
    assert "File not found" in answer.text


async def test_an_account_that_delivery_has_not_heard_of_downloads_at_once(portal: Portal) -> None:
    await portal.register_account(delivery_knows=False)
    await portal.post("/sign-in", address=portal.address, password=PASSWORD)
    answer = await portal.post(PRESS, PAGE)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/download/")


async def test_an_account_that_is_closed_is_told_so(portal: Portal) -> None:
    await portal.sign_in()
    await portal.tell_delivery(status="suspended")
    answer = await portal.post(PRESS, PAGE)
    assert answer.status_code == 403
    assert "It has been closed or suspended" in answer.text


async def test_a_program_with_a_token_gets_the_redirect_and_problems_as_they_are(portal: Portal) -> None:
    await portal.sign_in()
    ticket = (await portal.post(PRESS, PAGE)).headers["location"]
    token = await portal.access_token()
    async with portal.another_browser() as program:
        followed = await program.get(ticket, headers={"Authorization": f"Bearer {token}"})
        assert (followed.status_code, followed.headers["cache-control"]) == (307, "no-store")
        refused = await program.get(ticket, headers={"Authorization": "Bearer nonsense"})
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
        assert refused.headers["content-type"] == "application/problem+json"
        portal.delivery.away = True
        silent = await program.get(ticket, headers={"Authorization": f"Bearer {token}"})
        assert (silent.status_code, silent.headers["content-type"]) == (503, "application/problem+json")


@pytest.mark.parametrize("header", ["Basic eA==", "Bearer", "Bearer a b", "Bearer é", "bearer \x7f"])
async def test_another_authorization_counts_for_nothing(portal: Portal, header: str) -> None:
    encoded = {b"Authorization": header.encode("latin-1")}
    answer = await portal.browser.get(f"/download/{uuid4()}", headers=encoded)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


async def test_delivery_that_answers_something_else_is_away(portal: Portal) -> None:
    await portal.sign_in()
    portal.delivery.forced = httpx.Response(200, content=b"surprise")
    assert (await portal.post(PRESS, PAGE)).status_code == 503
    assert (await portal.get(f"/download/{uuid4()}")).status_code == 503


async def test_the_press_is_a_form_with_a_name_for_each_file(portal: Portal) -> None:
    page = Html.of((await portal.get(PAGE)).text)
    names = [element.text for element in page.all("button") if element.text.startswith("Download")]
    assert names == ["Download broadcast-1080p", "Download proxy-360p"]


@pytest.mark.parametrize("accept", ["*/*", "", "application/octet-stream", "video/mp4,*/*;q=0.5"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_program_without_a_session_gets_401_and_no_page(
    portal: Portal, accept: str, method: str
) -> None:
    """`curl -fL` would save the sign-in page as the video (B8)."""
    await portal.sign_in()
    ticket = (await portal.post(PRESS, PAGE)).headers["location"]
    dead, alive = "A" * 43, portal.cookies()["newsreel"]
    async with portal.another_browser() as program:
        for cookie in ("", f"newsreel={dead}"):
            answer = await program.request(method, ticket, headers={"Accept": accept, "Cookie": cookie})
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
            assert answer.headers["content-type"] == "application/problem+json"
        with_session = {"Accept": accept, "Cookie": f"newsreel={alive}"}
        answer = await program.request(method, ticket, headers=with_session)
        assert answer.status_code == 200
        unknown = await program.request(method, f"/download/{uuid4()}", headers=with_session)
        assert (unknown.status_code, unknown.headers["content-type"]) == (404, "application/problem+json")


async def test_a_file_that_is_missing_is_a_page_with_the_way_back(portal: Portal) -> None:
    await portal.sign_in()
    ticket = (await portal.post(PRESS, PAGE)).headers["location"]
    missing = problem(delivery_errors.bytes_missing())
    portal.delivery.forced = httpx.Response(503, headers=dict(missing.headers), content=bytes(missing.body))
    for answer in (await portal.get(ticket), await portal.post(PRESS, PAGE)):
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
        assert "Open the video later and press Download again" in answer.text
        assert "/" in [link.get("href") for link in Html.of(answer.text).all("a")]
