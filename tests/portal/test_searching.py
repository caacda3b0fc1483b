"""The search page: what is found in which second, what to try when nothing is, and that no text is a tag."""

from datetime import date
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsreel_testing.page_checks import Html
from newsreel_testing.portal import Portal
from newsreel_testing.portal_videos import VIDEO
from portal.domain.moments import Moment, narrowed
from portal.domain.videos import Segment, Transcript

MOMENT = {
    "video_id": str(VIDEO),
    "reference": "NR-2026-0001",
    "title": {"en": "Doorstep"},
    "recorded_at": "2026-05-14",
    "language": "en",
    "number": 2,
    "start_ms": 12_345,
    "text": "A <b>bold</b> & old word",
    "marks": [[2, 12]],
    "speaker": "<Ana>",
}


def answered(*items: dict[str, Any], **more: Any) -> httpx.Response:
    """What the catalog says."""
    said: dict[str, Any] = {"question": {}, "order": "newest", "items": items, "next_cursor": None}
    return httpx.Response(200, json=said | more)


async def test_the_list_has_a_search_box(portal: Portal) -> None:
    page = Html.of((await portal.get("/")).text)
    assert [form.get("action") for form in page.all("form") if form.get("role") == "search"] == ["/search"]


async def test_a_quote_leads_to_its_second(portal: Portal) -> None:
    page = Html.of((await portal.get("/search?q=%22parce+que%22")).text)
    assert page.all("mark")[0].text == "Parce que"
    assert page.all("ol")[0].text.count("Ana Lind") == 1
    link = f"/videos/{VIDEO}?lang=fr&t=12#t-12000"
    assert link in [element.get("href") for element in page.all("a")]
    assert page.by_id("q").get("value") == '"parce que"'
    video = await portal.get(link)
    assert "Aller à" in video.text
    assert 'href="#t-12000"' in video.text


async def test_no_text_of_a_moment_is_a_tag(portal: Portal) -> None:
    portal.catalog.forced = answered(MOMENT)
    text = (await portal.get("/search?q=x")).text
    assert "A <mark>&lt;b&gt;bold&lt;/b</mark>&gt; &amp; old word" in text
    assert "&lt;Ana&gt;" in text
    assert "<b>" not in text


@pytest.mark.parametrize(
    "typed", ["<script>alert(1)</script>", '"><img src=x>', "a'b", "{{ 7 * 7 }}", "\x00"]
)
async def test_what_is_typed_is_shown_as_text(portal: Portal, typed: str) -> None:
    answer = await portal.get(f"/search?q={quote(typed)}")
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert "<img src=x" not in answer.text
    assert "49" not in Html.of(answer.text).all("main")[0].text
    assert Html.of(answer.text).by_id("q").get("value").strip("\x00\ufffd") == typed.strip("\x00")


@pytest.mark.parametrize("address", ["/search", "/search?q=", "/search?q=%20"])
async def test_without_a_question_it_says_what_to_try(portal: Portal, address: str) -> None:
    text = (await portal.get(address)).text
    assert "What you can try" in text
    assert "Nothing was found" not in text


async def test_nothing_found_says_what_to_try(portal: Portal) -> None:
    text = (await portal.get("/search?q=zeppelin")).text
    assert "Nothing was found" in text
    assert "What you can try" in text


async def test_what_was_not_looked_for_is_said(portal: Portal) -> None:
    text = (await portal.get("/search?q=morning+lang:xx+from:soon")).text
    assert "“lang:xx” was left out." in text
    assert "Write a day as" in text


async def test_most_of_the_words_are_said_to_be_most(portal: Portal) -> None:
    portal.catalog.forced = answered(MOMENT, order="most")
    assert "These have most of them" in (await portal.get("/search?q=a+b+c")).text


async def test_facets_narrow_the_question(portal: Portal) -> None:
    page = Html.of((await portal.get("/search?q=morning")).text)
    links = {element.text: element.get("href") for element in page.all("a")}
    narrower = Html.of((await portal.get(links["Ana Lind"])).text)
    assert narrower.by_id("q").get("value") == 'morning speaker:"Ana Lind"'
    assert len(narrower.all("mark")) == 1


async def test_pages_go_on_in_their_order(portal: Portal) -> None:
    portal.catalog.forced = answered(MOMENT, order="relevance", next_cursor="relevance-en-A")
    page = Html.of((await portal.get("/search?q=a+b&order=relevance")).text)
    more = next(element.get("href") for element in page.all("a") if element.text == "More moments")
    assert more == "/search?q=a%20b&order=relevance&cursor=relevance-en-A"
    portal.catalog.forced = answered()
    assert "There are no more moments" in (await portal.get(more)).text
    asked = portal.catalog.asked[-1].url.params
    assert (asked["q"], asked["order"], asked["cursor"]) == ("a b", "relevance", "relevance-en-A")


@pytest.mark.parametrize("cursor", ["nonsense", "", "%00", "a" * 600])
async def test_a_cursor_that_is_none_is_no_page(portal: Portal, cursor: str) -> None:
    assert (await portal.get(f"/search?q=x&cursor={cursor}")).status_code == 404


async def test_a_question_that_is_too_long_is_cut_and_said(portal: Portal) -> None:
    answer = await portal.get(f"/search?q={'a' * 5000}")
    assert "A search has at most 500 characters." in answer.text
    assert len(portal.catalog.asked[-1].url.params["q"]) == 501


async def test_without_the_catalog_the_page_says_so(portal: Portal) -> None:
    portal.catalog.away = True
    assert (await portal.get("/search?q=x")).status_code == 503


@pytest.mark.parametrize("t", ["", "x", "-1", "9" * 40, "1.5"])
async def test_a_second_that_is_none_changes_nothing(portal: Portal, t: str) -> None:
    answer = await portal.get(f"/videos/{VIDEO}?t={t}")
    assert answer.status_code == 200
    assert "You came for" not in answer.text


@pytest.mark.parametrize(("second", "anchor"), [(0, None), (1, "t-1000"), (5, "t-1000"), (9, "t-9000")])
def test_a_second_is_in_the_segment_that_is_spoken(second: int, anchor: str | None) -> None:
    segments = tuple(Segment(at, at, at + 500, "speech", "A", "a") for at in (1000, 9000, 9000))
    found = Transcript("en", "verbatim", segments).anchor_at(second)
    assert (found[0] if found else None) == anchor


@given(st.text(max_size=900), st.lists(st.tuples(st.integers(0, 900), st.integers(0, 900)), max_size=5))
def test_a_text_is_cut_into_pieces_whatever_its_marks(text: str, marks: list[tuple[int, int]]) -> None:
    moment = Moment(VIDEO, "NR-1", {}, date(2026, 5, 14), "en", 1, 0, text, tuple(marks))
    pieces = [piece for _, piece in moment.parts()]
    shown = "".join(pieces).removeprefix("… ").removesuffix(" …")
    assert shown in text


def test_quotation_marks_of_a_name_do_not_end_it() -> None:
    assert narrowed("peace", "speaker", 'Ana "A" Lind') == 'peace speaker:"Ana  A  Lind"'
