"""Links for programs: made on a page without a script, shown once, listed, revoked."""

import re
import shlex
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

import httpx
import pytest

from newsreel_testing.delivery_service import a_rendition, a_video
from newsreel_testing.identity_service import PASSWORD
from newsreel_testing.page_checks import Html
from newsreel_testing.portal import Portal
from newsreel_testing.portal_videos import BROADCAST, VIDEO
from portal.domain.downloads import File, NewTicket
from portal.domain.shell_lines import shell_lines

HERE = "/account/downloads"
PAGE = f"/videos/{VIDEO}"
PRESS = f"{PAGE}/renditions/{BROADCAST}/ticket"
LINK = re.compile(r"http://portal\.test/t/[A-Za-z0-9_-]{43}/[^\s<]+")


def link_on(page: httpx.Response) -> str:
    found: set[str] = set(LINK.findall(page.text))
    assert len(found) == 1, "one link, in each line the same"
    return found.pop()


def revocations(page: httpx.Response) -> list[str]:
    return re.findall(rf'action="({HERE}/[0-9a-f-]{{36}}/tickets/[0-9a-f-]{{36}}/revoke)"', page.text)


async def gives(portal: Portal, link: str) -> int:
    """What delivery answers at the link, without a session."""
    async with portal.services.delivery.client() as program:
        return (await program.get(urlsplit(link).path)).status_code


async def test_a_press_shows_a_link_that_works_without_a_session_and_lines_to_paste(portal: Portal) -> None:
    await portal.sign_in()
    page = await portal.post(PRESS, PAGE)
    assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
    link = link_on(page)
    assert link.endswith("/broadcast-1080p.mp4")
    for words in ("curl --fail --continue-at -", "wget --continue", "aria2c --continue", "sha256sum --check"):
        assert words in page.text
    assert not Html.of(page.text).all("script")
    assert await gives(portal, link) == 200
    listed = await portal.get(HERE)
    assert "not used yet" not in listed.text
    assert "last used on" in listed.text
    assert link.split("/")[4] not in listed.text


async def test_without_a_session_one_signs_in_and_is_back_at_that_file(portal: Portal) -> None:
    await portal.register_account()
    pressed = await portal.post(PRESS, PAGE)
    assert (pressed.status_code, pressed.headers["location"]) == (303, "/sign-in")
    back = await portal.post("/sign-in", address=portal.address, password=PASSWORD)
    assert back.headers["location"] == f"{PAGE}?rendition={BROADCAST}#rendition-{BROADCAST}"


async def test_a_download_gets_another_link_and_each_is_revoked_by_itself(portal: Portal) -> None:
    await portal.sign_in()
    first = link_on(await portal.post(PRESS, PAGE))
    listed = await portal.get(HERE)
    [make] = set(re.findall(rf'action="({HERE}/[0-9a-f-]{{36}}/tickets)"', listed.text))
    second = link_on(await portal.post(make, HERE))
    assert first != second
    oldest, newest = revocations(await portal.get(HERE))
    pressed = await portal.post(oldest, HERE)
    assert (pressed.status_code, pressed.headers["location"]) == (303, HERE)
    page = await portal.get(HERE)
    assert "The link for programs is revoked" in page.text
    assert revocations(page) == [newest]
    assert [await gives(portal, link) for link in (first, second)] == [410, 200]


async def test_revoking_the_download_ends_its_links(portal: Portal) -> None:
    await portal.sign_in()
    link = link_on(await portal.post(PRESS, PAGE))
    page = await portal.get(HERE)
    assert "Revoke all its links" in page.text
    [revoke] = re.findall(rf'action="({HERE}/[0-9a-f-]{{36}}/revoke)"', page.text)
    await portal.post(revoke, HERE)
    assert await gives(portal, link) == 410


async def test_a_sixth_link_is_refused_in_words(portal: Portal) -> None:
    await portal.sign_in()
    for _ in range(5):
        assert (await portal.post(PRESS, PAGE)).status_code == 200
    refused = await portal.post(PRESS, PAGE)
    assert (refused.status_code, "too many links" in refused.text) == (409, True)


async def test_a_link_that_is_gone_is_refused_in_words(portal: Portal) -> None:
    await portal.sign_in()
    await portal.post(PRESS, PAGE)
    [path] = revocations(await portal.get(HERE))
    fields = await portal.form(path, HERE)
    other = path.replace(path.split("/")[-2], str(VIDEO))
    refused = await portal.send(other, fields)
    assert (refused.status_code, "There is no such link" in refused.text) == (404, True)


@pytest.mark.parametrize("dead_at", ["identity", "delivery"])
async def test_a_session_that_is_over_signs_in_first(portal: Portal, dead_at: str) -> None:
    await portal.sign_in()
    await portal.post(PRESS, PAGE)
    [path] = revocations(await portal.get(HERE))
    fields = await portal.form(path, HERE)
    session = portal.cookies()["newsreel"]
    if dead_at == "identity":
        await portal.end_sessions()
    else:
        await portal.tell_delivery(ended=datetime(2100, 1, 1, tzinfo=UTC))
    for address in (path, path.partition("/tickets")[0] + "/tickets", PRESS):
        answer = await portal.send(address, fields)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
        portal.browser.cookies.set("newsreel", session, "portal.test", "/")


@pytest.mark.parametrize(
    "file", ["a b.mp4", "it's $(id) `id` & ; #1.mp4", "-rf.mp4", "Конференція №4.mp4", "*?[a].mp4"]
)
def test_a_shell_takes_each_line_as_it_is_meant(file: str) -> None:
    ticket = NewTicket("https://press.example/t/x/f.mp4", datetime.now(UTC), File(file, 5, "ab" * 32))
    lines = {program: shlex.split(line) for program, line in shell_lines(ticket).items()}
    assert lines["curl"][-3:] == ["--output", f"./{file}", ticket.url]
    assert lines["wget"][-2:] == [f"--output-document=./{file}", ticket.url]
    assert lines["aria2"][-2:] == [f"--out={file}", ticket.url]
    assert lines["check"] == ["echo", f"{'ab' * 32}  ./{file}", "|", "sha256sum", "--check"]


async def test_a_name_of_another_alphabet_is_whole_in_the_lines(portal: Portal) -> None:
    await portal.sign_in()
    rendition = a_rendition(b"bytes", "Прес-конференція.mp4")
    portal.services.delivery.put(rendition, b"bytes")
    video = await portal.services.delivery.publish(a_video(rendition))
    press = f"/videos/{video.video_id}/renditions/{rendition.rendition_id}/ticket"
    page = await portal.send(press, {"form_token": await portal.token(PAGE)})
    assert unquote(link_on(page)).endswith("/Прес-конференція.mp4")
    assert "&#39;./Прес-конференція.mp4&#39;" in page.text
