"""My downloads: what was taken, take it again, revoke a link; a page without a script."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from newsreel_events.catalog import VideoStateV1
from newsreel_runtime.clock import now
from newsreel_testing.delivery_service import a_rendition, a_video
from newsreel_testing.identity_service import PASSWORD
from newsreel_testing.page_checks import Html
from newsreel_testing.portal import Portal
from newsreel_testing.portal_videos import BROADCAST, PROXY, VIDEO

HERE = "/account/downloads"


async def taken(portal: Portal, rendition: UUID = BROADCAST, video: UUID = VIDEO) -> str:
    """Press Download; the ticket's path."""
    pressed = await portal.post(f"/videos/{video}/renditions/{rendition}/download", "/")
    assert pressed.status_code == 303
    return pressed.headers["location"]


async def published(portal: Portal, **changed: object) -> VideoStateV1:
    """A video of this test's own that the catalogue told delivery of."""
    rendition = a_rendition(b"bytes", "briefing.mp4")
    portal.services.delivery.put(rendition, b"bytes")
    return await portal.services.delivery.publish(a_video(rendition).model_copy(update=changed))


def revocations(page: httpx.Response) -> list[str]:
    return re.findall(rf'action="({HERE}/[0-9a-f-]{{36}}/revoke)"', page.text)


def links(page: httpx.Response) -> list[str]:
    return [link.get("href") for link in Html.of(page.text).all("a")]


async def test_the_list_is_a_link_away_and_needs_a_session(portal: Portal) -> None:
    first = await portal.get(HERE)
    assert (first.status_code, first.headers["location"]) == (303, "/sign-in")
    await portal.register_account()
    assert "to see your downloads" in (await portal.get("/sign-in")).text
    back = await portal.post("/sign-in", address=portal.address, password=PASSWORD)
    assert back.headers["location"] == HERE
    page = await portal.get(HERE)
    assert "You have not downloaded anything yet" in page.text
    assert page.headers["cache-control"] == "no-store"
    assert HERE in links(await portal.get("/account"))


async def test_what_was_taken_is_listed_and_can_be_taken_again(portal: Portal) -> None:
    await portal.sign_in()
    older, newer = await taken(portal), await taken(portal, PROXY)
    await portal.browser.get(older)
    page = await portal.get(HERE)
    again = [link for link in links(page) if link.startswith("/download/")]
    assert again == [newer, older]
    assert f"/videos/{VIDEO}" in links(page)
    for words in ("broadcast-1080p.mp4", "72.3 MB", "version 1", "last downloaded on", "not downloaded yet"):
        assert words in page.text
    assert not Html.of(page.text).all("script")
    followed = await portal.browser.get(older)
    assert followed.headers["x-accel-redirect"].startswith(f"/media/{BROADCAST}/")


async def test_the_title_is_in_the_reader_s_language_and_is_text(portal: Portal) -> None:
    await portal.sign_in()
    video = await published(portal, titles={"en": "A <b>bridge</b>", "fr": "Un pont"})
    await taken(portal, video.renditions[0].rendition_id, video.video_id)
    assert "A &lt;b&gt;bridge&lt;/b&gt;" in (await portal.get(HERE)).text
    await portal.post("/language", HERE, language="fr", return_to=HERE)
    assert "Un pont" in (await portal.get(HERE)).text


async def test_revoking_ends_the_link_and_says_what_to_do(portal: Portal) -> None:
    await portal.sign_in()
    ticket = await taken(portal)
    [path] = revocations(await portal.get(HERE))
    shown = await portal.form(path, HERE)
    pressed = await portal.send(path, shown)
    assert (pressed.status_code, pressed.headers["location"]) == (303, HERE)
    page = await portal.get(HERE)
    assert "The download link is revoked" in page.text
    assert "Open the video and press Download to get a new one" in page.text
    assert "The download link is revoked" not in (await portal.get(HERE)).text, "it is told once"
    assert revocations(page) == []
    assert ticket not in links(page)
    followed = await portal.get(ticket)
    assert followed.status_code == 410
    assert "Open the video and press Download" in followed.text
    program = await portal.browser.get(ticket, headers={"Accept": "*/*"})
    assert (program.status_code, program.json()["type"]) == (410, "urn:newsreel:problem:grant-revoked")
    assert (await portal.send(path, shown)).status_code == 303, "pressed twice is pressed once"
    assert await taken(portal) != ticket


async def test_somebody_else_s_link_is_not_revoked(portal: Portal) -> None:
    await portal.sign_in()
    ticket = await taken(portal)
    owner = portal.browser
    async with portal.another_browser() as portal.browser:
        portal.address = f"other-{portal.address}"
        await portal.sign_in()
        for grant in (ticket.rpartition("/")[2], str(uuid4())):
            answer = await portal.post(f"{HERE}/{grant}/revoke", HERE)
            assert answer.status_code == 404
            assert "This download link is not yours, or does not exist" in answer.text
        assert ticket not in (await portal.get(HERE)).text
    portal.browser = owner
    assert (await portal.browser.get(ticket)).status_code == 200


async def test_what_is_not_given_out_any_more_is_said_and_not_offered(portal: Portal) -> None:
    await portal.sign_in()
    video = await published(portal)
    ticket = await taken(portal, video.renditions[0].rendition_id, video.video_id)
    other = a_rendition(b"other")
    await portal.services.delivery.publish(a_video(other, video_id=video.video_id, version=2))
    page = await portal.get(HERE)
    assert "other files now" in page.text
    assert "version 2 has been published since" in page.text
    assert ticket not in links(page)
    assert f"/videos/{video.video_id}" in links(page)
    withdrawn = a_video(other, video_id=video.video_id, version=3).model_copy(update={"status": "withdrawn"})
    await portal.services.delivery.publish(withdrawn)
    page = await portal.get(HERE)
    assert "has been withdrawn" in page.text
    assert f"/videos/{video.video_id}" not in links(page)
    await portal.services.delivery.erase_video(video.video_id)
    assert "A video that is no longer kept" in (await portal.get(HERE)).text


async def test_a_state_of_a_later_delivery_is_not_offered(portal: Portal) -> None:
    await portal.sign_in()
    ticket = await taken(portal)
    bearer = {"Authorization": f"Bearer {await portal.access_token()}"}
    async with portal.services.delivery.client() as client:
        told = (await client.get("/v1/downloads", headers=bearer)).content.replace(b'"live"', b'"resting"')
    portal.delivery.forced, portal.delivery.where = httpx.Response(200, content=told), "/v1/downloads"
    page = await portal.get(HERE)
    assert "It cannot be downloaded at the moment" in page.text
    assert ticket not in links(page)


async def test_one_goes_on_to_the_older_ones_and_back(portal: Portal) -> None:
    await portal.sign_in()
    tickets = []
    for _ in range(21):
        video = await published(portal)
        tickets.append(await taken(portal, video.renditions[0].rendition_id, video.video_id))
    first = await portal.get(HERE)
    assert [link for link in links(first) if link.startswith("/download/")] == tickets[:0:-1]
    [older] = [link for link in links(first) if link.startswith(f"{HERE}?cursor=")]
    second = await portal.get(older)
    assert [link for link in links(second) if link.startswith("/download/")] == tickets[:1]
    assert "Older downloads" in second.text
    assert HERE in links(second)
    assert (await portal.get(f"{HERE}?cursor=x")).status_code == 404


@pytest.mark.parametrize("dead_at", ["identity", "delivery"])
async def test_a_session_that_is_over_signs_in_first(portal: Portal, dead_at: str) -> None:
    await portal.sign_in()
    grant = (await taken(portal)).rpartition("/")[2]
    fields = await portal.form(f"{HERE}/{grant}/revoke", HERE)
    session = portal.cookies()["newsreel"]
    if dead_at == "identity":
        await portal.end_sessions()
    else:
        await portal.tell_delivery(ended=now() + timedelta(seconds=1))
    for answer in (await portal.send(f"{HERE}/{grant}/revoke", fields), await portal.get(HERE)):
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
        portal.browser.cookies.set("newsreel", session, "portal.test", "/")


async def test_without_delivery_the_page_says_so_and_nothing_is_lost(portal: Portal) -> None:
    await portal.sign_in()
    ticket = await taken(portal)
    portal.delivery.away = True
    assert (await portal.get(HERE)).status_code == 503
    portal.delivery.away = False
    assert ticket in (await portal.get(HERE)).text


async def test_a_suspended_account_is_told_so(portal: Portal) -> None:
    await portal.sign_in()
    await portal.tell_delivery(status="suspended")
    answer = await portal.get(HERE)
    assert answer.status_code == 403
    assert "It has been closed or suspended" in answer.text
