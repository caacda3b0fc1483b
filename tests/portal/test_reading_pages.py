"""The list and the video's page, for everybody."""

import httpx
import pytest

from newsreel_testing.page_checks import Html, faults
from newsreel_testing.portal import MEDIA, Portal
from newsreel_testing.portal_videos import BARE_VIDEO, BROADCAST, OLD_VIDEO, VIDEO


async def test_the_list_shows_each_video_with_its_poster(portal: Portal) -> None:
    page = Html.of((await portal.get("/")).text)
    links = {element.get("href"): element.text for element in page.all("a")}
    assert links[f"/videos/{VIDEO}"] == "Doorstep"
    assert f"/videos/{BARE_VIDEO}" in links
    assert page.all("img")[0].get("src") == f"{MEDIA}/posters/{VIDEO}.jpg"
    assert page.all("time")[0].text == "14 May 2026"
    assert "1 min 12 s" in page.all("main")[0].text


async def test_older_videos_are_a_link_further(portal: Portal) -> None:
    first = Html.of((await portal.get("/")).text)
    older = next(element for element in first.all("a") if element.text == "Older videos")
    page = Html.of((await portal.get(older.get("href"))).text)
    hrefs = [element.get("href") for element in page.all("a")]
    assert f"/videos/{OLD_VIDEO}" in hrefs
    assert f"/videos/{VIDEO}" not in hrefs
    assert "Older videos" not in [element.text for element in page.all("a")]


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (403, "video-withheld", "works again when it is released"),
        (410, "video-withdrawn", "Please do not use copies of it"),
    ],
)
async def test_a_video_that_was_stopped_is_a_page_that_says_so(
    portal: Portal, status: int, code: str, words: str
) -> None:
    told = {"type": f"urn:newsreel:problem:{code}", "title": "", "status": status, "detail": ""}
    portal.catalog.forced, portal.catalog.where = httpx.Response(status, json=told), "/v1/videos/"
    answer = await portal.get(f"/videos/{VIDEO}")
    assert answer.status_code == status
    assert words in answer.text


@pytest.mark.parametrize("cursor", ["nonsense", "", "%00", "a" * 600, "../../etc"])
async def test_a_cursor_that_is_none_is_no_page(portal: Portal, cursor: str) -> None:
    assert (await portal.get(f"/?cursor={cursor}")).status_code == 404


async def test_an_empty_catalogue_says_so(portal: Portal) -> None:
    portal.catalog.forced = httpx.Response(200, json={"items": [], "next_cursor": None})
    assert "No video has been published yet" in (await portal.get("/")).text


async def test_a_video_shows_all_that_is_known(portal: Portal) -> None:
    answer = await portal.get(f"/videos/{VIDEO}")
    page = Html.of(answer.text)
    text = " ".join(page.all("main")[0].text.split())
    for words in (
        "A <b>description</b>.",
        "Ana Lind, Spokesperson",
        "Editorial use only.",
        "CreditNewsreel",
        "00:00:12\N{EN DASH}00:01:12",
        "1920 \N{MULTIPLICATION SIGN} 1080",
        "25 frames/s",
        "8.0 Mbit/s",
        "h264 + aac",
        "72.3 MB",
        "72345678 bytes",
        "ab" * 32,
        "Questions and answers",
    ):
        assert words in text
    assert page.by_id("t-12000").get("class") == "question"
    actions = [element.get("action") for element in page.all("form")]
    assert f"/videos/{VIDEO}/renditions/{BROADCAST}/download" in actions


async def test_paragraphs_are_kept(portal: Portal) -> None:
    page = Html.of((await portal.get(f"/videos/{VIDEO}")).text)
    paragraphs = [element.text for element in page.all("p")]
    for text in ("A <b>description</b>.", "Of two paragraphs.", "Editorial use only.", "No resale."):
        assert text in paragraphs


async def test_segments_that_begin_together_have_links_of_their_own(portal: Portal) -> None:
    page = Html.of((await portal.get(f"/videos/{VIDEO}")).text)
    assert "Why?" in page.by_id("t-12000").text
    assert "Because." in page.by_id("t-12000-2").text


async def test_a_bare_video_is_a_whole_page(portal: Portal) -> None:
    assert "There is no transcript of this video" in (await portal.get(f"/videos/{BARE_VIDEO}")).text


@pytest.mark.parametrize(
    ("query", "accepted", "language", "words"),
    [
        ("", "", "en", "Good morning."),
        ("", "fr-BE,fr;q=0.9,en;q=0.8", "fr", "Bonjour."),
        ("", "de, uk;q=0.2, en;q=0.1", "uk", "Good morning."),
        ("?lang=fr", "en", "fr", "Bonjour."),
        ("?lang=xx", "fr", "fr", "Bonjour."),
        ("?lang=%00", ";;;q=,q=9,*;q=x" + "," * 9000, "en", "Good morning."),
    ],
)
async def test_texts_follow_the_language(
    portal: Portal, query: str, accepted: str, language: str, words: str
) -> None:
    headers = {"Accept-Language": accepted}
    answer = await portal.get(f"/videos/{VIDEO}{query}", **headers)
    page = Html.of(answer.text)
    assert page.all("h1")[0].get("lang") == language
    assert words in page.all("main")[0].text
    spoken = next(element for element in page.all("p") if element.text == words)
    assert spoken.get("lang") in {language, "en"}


async def test_the_wanted_rendition_stands_out(portal: Portal) -> None:
    page = Html.of((await portal.get(f"/videos/{VIDEO}?rendition={BROADCAST}")).text)
    assert "You chose this file" in page.by_id(f"rendition-{BROADCAST}").text
    assert page.all("main")[0].text.count("You chose this file") == 1


@pytest.mark.parametrize("wanted", ["nonsense", "%00", "'><script>"])
async def test_an_unknown_rendition_changes_nothing(portal: Portal, wanted: str) -> None:
    answer = await portal.get(f"/videos/{VIDEO}?rendition={wanted}")
    assert answer.status_code == 200
    assert "You chose this file" not in answer.text


async def test_a_transcript_that_is_away_leaves_the_files(portal: Portal) -> None:
    portal.catalog.forced, portal.catalog.where = httpx.Response(500), "/transcripts/"
    answer = await portal.get(f"/videos/{VIDEO}")
    assert answer.status_code == 200
    assert "cannot be shown at the moment" in answer.text


@pytest.mark.parametrize("ending", ["vtt", "srt", "txt"])
async def test_a_transcript_can_be_taken_home(portal: Portal, ending: str) -> None:
    page = Html.of((await portal.get(f"/videos/{VIDEO}?lang=fr", **{"Accept-Language": "en"})).text)
    (link,) = [found for found in page.all("a") if (found.get("href") or "").endswith(f".{ending}")]
    answer = await portal.get(link.get("href"))
    assert "Parce que." in answer.text
    assert answer.headers["content-disposition"] == f'attachment; filename="NR-2026-0001.fr.{ending}"'
    again = await portal.browser.get(link.get("href"), headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        f"/videos/{VIDEO}/transcripts/uk.vtt",
        f"/videos/{VIDEO}/transcripts/en.exe",
        f"/videos/{VIDEO}/transcripts/EN.vtt",
        f"/videos/{VIDEO}/transcripts/..%2f..%2fsearch.vtt",
        "/videos/nonsense",
        f"/videos/{BROADCAST}",
        "/nothing",
        "/static/nothing",
        "/docs",
        "/%00",
        "/static/../app.py",
    ],
)
async def test_an_unknown_page_is_friendly(portal: Portal, path: str) -> None:
    answer = await portal.get(path)
    assert answer.status_code == 404
    assert "not found" in answer.text


async def test_a_wrong_method_is_friendly(portal: Portal) -> None:
    answer = await portal.browser.delete("/sign-in")
    assert answer.status_code == 405
    assert faults(answer.text) == []


async def test_the_style_sheet_is_served_and_kept(portal: Portal) -> None:
    page = Html.of((await portal.get("/")).text)
    sheet = next(element.get("href") for element in page.all("link") if element.get("rel") == "stylesheet")
    answer = await portal.browser.get(sheet)
    assert answer.headers["content-type"].startswith("text/css")
    assert "max-age" in answer.headers["cache-control"]
