"""Feeds: read by a parser that is not ours, held against what JSON Feed 1.1 asks for, and hostile words."""

import json
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import feedparser
import httpx
import pytest

from catalog.domain.editorial import Note
from catalog.domain.video import Stop
from catalog.inbound_http import create_http as catalog_http
from catalog.usecases.stop_video import stop_video
from newsreel_runtime.clock import now
from newsreel_testing.databases import Databases
from newsreel_testing.page_checks import Html
from newsreel_testing.portal import MEDIA, ORIGIN, Portal
from newsreel_testing.portal_videos import VIDEO, publish_videos

FEEDS = ("rss", "json")
MEDIA_RSS = "{http://search.yahoo.com/mrss/}"
HOSTILE = "]]></title><script>alert(1)</script>&amp; \x00\x0b\x1b\ufffe\u202eevil\u2066 \u00e9\U0001f3a5"
SHOWN = "]]></title><script>alert(1)</script>&amp; evil \u00e9\U0001f3a5"


def entry(**changed: Any) -> dict[str, Any]:
    """A line of the catalogue's list."""
    return {
        "id": str(VIDEO),
        "reference": "NR-2026-0001",
        "title": {"en": "Title"},
        "headline": {"en": "Headline"},
        "description": {"en": "Description."},
        "genre": "speech",
        "recorded_at": "2026-05-14",
        "published_at": "2026-05-14T16:00:00Z",
        "duration_ms": 72_000,
        "spoken_languages": ["fr"],
        "credit_line": "Newsreel",
        "restrictions": {},
    } | changed


def list_is(portal: Portal, *entries: dict[str, Any]) -> None:
    """What the catalogue answers."""
    portal.catalog.forced = httpx.Response(200, content=json.dumps({"items": entries, "next_cursor": None}))


async def get(portal: Portal, address: str, **headers: str) -> httpx.Response:
    """As a reader of feeds asks: without cookies, for anything."""
    async with portal.another_browser() as reader:
        return await reader.get(address, headers={"Accept": "*/*"} | headers)


# ---- RSS ----


async def test_a_reader_of_rss_finds_every_video(portal: Portal) -> None:
    answer = await get(portal, "/feeds/videos.rss?lang=en")
    assert answer.headers["content-type"] == "application/rss+xml"
    assert "set-cookie" not in answer.headers
    read = feedparser.parse(answer.content)
    assert not read.bozo
    assert read.version == "rss20"
    assert read.feed.language == "en"
    assert read.feed.link == f"{ORIGIN}/?lang=en"
    own = next(link for link in read.feed.links if link.rel == "self")
    assert own.href == f"{ORIGIN}/feeds/videos.rss?lang=en"
    assert len(read.entries) == 14
    assert [found.published_parsed for found in read.entries] == sorted(
        (found.published_parsed for found in read.entries), reverse=True
    )


async def test_an_item_has_what_the_contract_of_a_press_office_needs(portal: Portal) -> None:
    read = feedparser.parse((await get(portal, "/feeds/videos.rss?lang=en")).content)
    item = read.entries[0]
    page = f"{ORIGIN}/videos/{VIDEO}?lang=en"
    assert (item.title, item.link, item.id) == ("Doorstep", page, f"urn:uuid:{VIDEO}")
    assert not item.guidislink
    assert item.published_parsed[:5] == (2026, 5, 14, 16, 0)
    assert item.media_thumbnail == [{"url": f"{MEDIA}/posters/{VIDEO}.jpg"}]
    assert item.media_player["url"] == page
    assert item.media_content[0] == {"medium": "video", "duration": "72", "lang": "fr"}
    assert item.media_credit[0]["content"] == "Newsreel"
    assert item.rights == "Editorial use only.\nNo resale."
    assert item.language == "en"
    assert "A &lt;b&gt;description&lt;/b&gt;." in item.description
    assert "<p>No resale.</p>" in item.description


async def test_the_address_of_no_file_is_told(portal: Portal) -> None:
    """Files are for who is signed in: the page is the link."""
    for ending in FEEDS:
        text = (await get(portal, f"/feeds/videos.{ending}")).text
        assert ".mp4" not in text
        assert "/download" not in text


async def test_hostile_words_stay_words_in_rss(portal: Portal) -> None:
    words = {"en": HOSTILE}
    list_is(portal, entry(title=words, headline=words, description=words, restrictions=words))
    answer = await get(portal, "/feeds/videos.rss")
    item = ET.fromstring(answer.content).find("channel/item")  # noqa: S314 (our own document)
    assert item is not None
    assert item.findtext("title") == SHOWN
    assert item.findtext(f"{MEDIA_RSS}content/{MEDIA_RSS}title") == SHOWN
    assert [element.tag for element in item.iter() if element.tag == "script"] == []
    html = Html.of(item.findtext("description") or "")
    assert html.faults == []
    assert {element.tag for element in html.elements} == {"p"}
    assert html.elements[0].text == SHOWN
    assert not feedparser.parse(answer.content).bozo


# ---- JSON Feed ----


def wrong_with(feed: Any) -> list[str]:
    """What jsonfeed.org/version/1.1 asks for and this has not."""
    strings = ("title", "home_page_url", "feed_url", "description", "language")
    found = [name for name in strings if not isinstance(feed.get(name, ""), str)]
    found += [] if feed.get("version") == "https://jsonfeed.org/version/1.1" else ["version"]
    found += [name for name in ("title", "items") if name not in feed]
    for item in feed.get("items", []):
        texts = ("id", "url", "title", "summary", "content_text", "image", "date_published", "language")
        found += [name for name in texts if not isinstance(item.get(name, ""), str)]
        found += [] if item.get("id") else ["id"]
        found += [] if "content_text" in item or "content_html" in item else ["content"]
        found += [] if all({"name", "url", "avatar"} & set(one) for one in item["authors"]) else ["authors"]
        found += [name for name in ("url", "image") if not urlsplit(item[name]).scheme]
        found += [] if datetime.fromisoformat(item["date_published"]).tzinfo else ["date_published"]
        found += [name for name in item if name.startswith("_") and not isinstance(item[name], dict)]
    return found


async def test_a_json_feed_is_one(portal: Portal) -> None:
    answer = await get(portal, "/feeds/videos.json?lang=fr")
    assert answer.headers["content-type"] == "application/feed+json"
    feed = answer.json()
    assert wrong_with(feed) == []
    assert feed["feed_url"] == f"{ORIGIN}/feeds/videos.json?lang=fr"
    assert (feed["title"], len(feed["items"])) == ("Newsreel \N{EN DASH} Vidéos", 14)
    first = feed["items"][0]
    assert (first["title"], first["language"]) == ("Doorstep en français", "fr")
    assert first["url"] == f"{ORIGIN}/videos/{VIDEO}?lang=fr"
    assert first["_newsreel"]["restrictions"] == "Editorial use only.\nNo resale."
    assert first["content_text"] == "Une description.\n\nNewsreel\n\nEditorial use only.\nNo resale."


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"version": "https://jsonfeed.org/version/1"}, "version"),
        ({"title": 5}, "title"),
        (
            {
                "items": [
                    {"id": "", "authors": [{}], "url": "/x", "image": "x", "date_published": "2026-05-14"}
                ]
            },
            "id",
        ),
    ],
)
async def test_the_check_of_json_feeds_rejects(portal: Portal, change: dict[str, Any], wrong: str) -> None:
    assert wrong in wrong_with((await get(portal, "/feeds/videos.json")).json() | change)


async def test_hostile_words_stay_words_in_json(portal: Portal) -> None:
    list_is(portal, entry(title={"en": HOSTILE}))
    assert (await get(portal, "/feeds/videos.json")).json()["items"][0]["title"] == SHOWN


# ---- both ----


@pytest.mark.parametrize("ending", FEEDS)
@pytest.mark.parametrize(
    ("query", "accepted", "language", "title"),
    [
        ("", "", "en", "Doorstep"),
        ("", "uk, en;q=0.5", "uk", "Doorstep українською"),
        ("?lang=fr", "uk", "fr", "Doorstep en français"),
        ("?lang=xx", "", "en", "Doorstep"),
        ("?lang=%00" + "a" * 3000, "", "en", "Doorstep"),
    ],
)
async def test_the_texts_follow_the_language(
    portal: Portal, *, ending: str, query: str, accepted: str, language: str, title: str
) -> None:
    answer = await get(portal, f"/feeds/videos.{ending}{query}", **{"Accept-Language": accepted})
    read = feedparser.parse(answer.content)
    feed = answer.json() if ending == "json" else read.feed
    assert feed["language"] == language
    assert title in answer.text
    assert answer.headers["vary"] == "Accept-Language"


@pytest.mark.parametrize("ending", FEEDS)
async def test_a_text_that_is_missing_falls_back(portal: Portal, ending: str) -> None:
    list_is(portal, entry())
    answer = await get(portal, f"/feeds/videos.{ending}?lang=uk")
    items = answer.json()["items"] if ending == "json" else feedparser.parse(answer.content).entries
    assert (items[0]["title"], items[0]["language"]) == ("Title", "en")


@pytest.mark.parametrize("ending", FEEDS)
async def test_what_a_reader_has_is_not_sent_again(portal: Portal, ending: str) -> None:
    address = f"/feeds/videos.{ending}"
    tag = (await get(portal, address)).headers["etag"]
    assert not tag.startswith("W/")
    for named in (tag, f'"x", W/{tag}', "*"):
        again = await get(portal, address, **{"If-None-Match": named})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert (await get(portal, address, **{"If-None-Match": '"other"'})).status_code == 200
    list_is(portal, entry(title={"en": "Corrected"}))
    assert (await get(portal, address, **{"If-None-Match": tag})).status_code == 200


@pytest.mark.parametrize("ending", FEEDS)
async def test_filters_are_those_of_the_list(portal: Portal, ending: str) -> None:
    address = f"/feeds/videos.{ending}?language=fr&genre=press_conference"
    answer = await get(portal, address)
    assert str(VIDEO) in answer.text
    own = (
        feedparser.parse(answer.content).feed.links[1].href if ending == "rss" else answer.json()["feed_url"]
    )
    assert own == f"{ORIGIN}{address}"
    assert str(VIDEO) not in (await get(portal, f"/feeds/videos.{ending}?genre=speech")).text
    assert str(VIDEO) not in (await get(portal, f"/feeds/videos.{ending}?language=uk")).text


@pytest.mark.parametrize(
    "path",
    ["videos.atom", "videos.rss?genre=opera", "videos.rss?genre=" + "a" * 99, "videos.json?language=%3C"],
)
async def test_a_feed_that_is_none_is_not_found(portal: Portal, path: str) -> None:
    assert (await get(portal, f"/feeds/{path}")).status_code == 404


@pytest.mark.parametrize("ending", FEEDS)
async def test_an_empty_feed_is_one(portal: Portal, ending: str) -> None:
    list_is(portal)
    answer = await get(portal, f"/feeds/videos.{ending}")
    assert answer.status_code == 200
    assert ending == "json" or not feedparser.parse(answer.content).bozo


@pytest.mark.parametrize("ending", FEEDS)
async def test_without_the_catalogue_a_reader_comes_again(portal: Portal, ending: str) -> None:
    portal.catalog.away = True
    answer = await get(portal, f"/feeds/videos.{ending}")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "etag" not in answer.headers


async def test_a_video_that_is_withheld_is_in_no_feed(portal: Portal, databases: Databases) -> None:
    note = Note("Ed", "ticket 7", now())
    async with databases.open("catalog") as database:
        await publish_videos(database)
        portal.catalog.app = catalog_http(database, database)
        before = {ending: await get(portal, f"/feeds/videos.{ending}") for ending in FEEDS}
        async with database.begin() as tx:
            await stop_video(tx, VIDEO, "withheld", Stop("rights", {}), note, version=1)
        for ending, had in before.items():
            assert str(VIDEO) in had.text
            tag = {"If-None-Match": had.headers["etag"]}
            answer = await get(portal, f"/feeds/videos.{ending}", **tag)
            assert answer.status_code == 200
            assert str(VIDEO) not in answer.text


async def test_pages_name_the_feeds(portal: Portal) -> None:
    page = Html.of((await portal.get("/?lang=fr")).text)
    for media_type, ending in (("application/rss+xml", "rss"), ("application/feed+json", "json")):
        address = f"/feeds/videos.{ending}?lang=fr"
        (link,) = [found for found in page.all("link") if found.get("type") == media_type]
        assert (link.get("rel"), link.get("href")) == ("alternate", address)
        assert address in [found.get("href") for found in page.all("a")]
