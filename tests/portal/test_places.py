"""Where people are brought back to: pages of ours by route and typed parameters, and nothing else."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsreel_testing.identity_service import PASSWORD
from newsreel_testing.portal import Portal
from newsreel_testing.portal_videos import VIDEO
from portal.domain.places import Home, NewsletterPage, Ticket, VideoPage, path_of, place_at

PAGE = f"/videos/{VIDEO}"
CORPUS = [
    "",
    "//evil",
    "//evil.example/videos",
    "/\\evil",
    "\\\\evil",
    "https:evil",
    "https://evil.example/",
    "http://portal.test.evil.example/",
    f"https://evil.example{PAGE}",
    f"//evil.example{PAGE}",
    "/ok/../../x",
    f"{PAGE}/../../x",
    f"{PAGE}/",
    f"{PAGE}//evil",
    f"{PAGE}?x=//evil",
    f"{PAGE}#x",
    f"{PAGE}\n",
    f"{PAGE}\r\nSet-Cookie: a=b",
    f" {PAGE}",
    PAGE.upper(),
    "/videos/{00000000-0000-0000-0000-000000000000}",
    "/videos/urn:uuid:0198f0c0-0000-7000-8000-000000000001",
    "/download/0198f0c0-0000-7000-8000-000000000001",
    "/download-evil",
    "/newsletter-evil",
    "/sign-out",
    "javascript:alert(1)",
    "data:text/html,x",
    "%2f%2fevil",
    "/%2fevil",
    "/%09/evil",
    "/\t/evil",
    "/\0",
    "/" + "a" * 8192,
    f"{PAGE}" + "a" * 8192,
    "\N{FULLWIDTH SOLIDUS}\N{FULLWIDTH SOLIDUS}evil",
]


@pytest.mark.parametrize("return_to", CORPUS)
async def test_r1_what_is_no_page_of_ours_leads_home(portal: Portal, return_to: str) -> None:
    await portal.register_account()
    for start in ("/sign-in", "/register", "/forgot"):
        shown = await portal.browser.get(start, params={"return_to": return_to})
        assert shown.status_code == 200
        assert return_to == "" or return_to not in shown.headers.get("set-cookie", "")
    back = await portal.post("/sign-in", address=portal.address, password=PASSWORD)
    assert back.headers["location"] == "/"


@given(st.text() | st.from_regex(r"/videos/[0-9a-f-]{30,40}.?"))
def test_r1_a_place_is_always_one_of_three_routes(path: str) -> None:
    place = place_at(path)
    assert isinstance(place, Home | NewsletterPage | VideoPage)
    assert place == Home() or path_of(place) == path


@given(st.uuids(), st.none() | st.uuids())
def test_a_video_page_is_written_with_its_ids_alone(video_id: UUID, rendition_id: UUID | None) -> None:
    path = path_of(VideoPage(video_id, rendition_id))
    assert path.startswith(f"/videos/{video_id}")
    assert path_of(Ticket(video_id)) == f"/download/{video_id}"


async def test_only_the_start_of_a_flow_names_the_place(portal: Portal) -> None:
    await portal.register_account()
    await portal.get(f"/sign-in?return_to={PAGE}")
    await portal.get("/code?return_to=/")
    token = await portal.token("/forgot")
    fields = {
        "form_token": token,
        "address": portal.address,
        "password": PASSWORD,
        "return_to": "/newsletter",
    }
    headers = {"Origin": portal.origin}
    back = await portal.browser.post("/sign-in?return_to=/newsletter", data=fields, headers=headers)
    assert back.headers["location"] == PAGE


async def test_r2_another_site_cannot_change_the_place_under_way(portal: Portal) -> None:
    await portal.register_account()
    await portal.get(f"/sign-in?return_to={PAGE}")
    await portal.get("/sign-in?return_to=/newsletter", **{"Sec-Fetch-Site": "cross-site"})
    back = await portal.post("/sign-in", address=portal.address, password=PASSWORD)
    assert back.headers["location"] == PAGE


async def test_r2_anothers_flow_counts_for_nothing_here(portal: Portal) -> None:
    await portal.register_account()
    await portal.get(f"/sign-in?return_to={PAGE}")
    taken = portal.cookies()["newsreel-flow"]
    async with portal.another_browser() as other:
        await other.get("/sign-in")
        other.cookies.set("newsreel-flow", taken, domain="portal.test")
        assert "to download videos" in (await other.get("/sign-in")).text
        assert "to go back to the video" in (await portal.get("/sign-in")).text
