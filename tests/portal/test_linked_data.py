"""What a video's page tells search engines: VideoObject of schema.org, and that its words stay words."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from newsreel_testing.chromium import chromium, needs_chromium
from newsreel_testing.openapi import served
from newsreel_testing.page_checks import Html
from newsreel_testing.portal import MEDIA, ORIGIN, Portal
from newsreel_testing.portal_videos import BARE_VIDEO, VIDEO

PAGE = f"/videos/{VIDEO}"
HOSTILE = "</script><script>document.title='broken'</script><!--<script> ]]> & \" \u2028 \u00e9"


def told(text: str) -> dict[str, Any]:
    """The page's linked data."""
    (block,) = [one for one in Html.of(text).all("script") if one.get("type") == "application/ld+json"]
    found = json.loads(block.text)
    assert isinstance(found, dict)
    return found


async def title_is(portal: Portal, title: str) -> None:
    """The catalogue says the whole video with another title and shotlist."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(portal.catalog.app), base_url="http://catalog.test"
    ) as client:
        video = (await client.get(f"/v1{PAGE}")).json()
    shots = [shot | {"text": {"en": title}} for shot in video["shotlist"]]
    video |= {"title": {"en": title}, "description": {"en": title}, "shotlist": shots}
    portal.catalog.forced, portal.catalog.where = httpx.Response(200, json=video), f"/v1{PAGE}"


async def test_a_page_says_what_search_engines_require(portal: Portal) -> None:
    video = told((await portal.get(f"{PAGE}?lang=en")).text)
    assert (video["@context"], video["@type"]) == ("https://schema.org", "VideoObject")
    assert video["name"] == "Doorstep"
    assert video["description"].startswith("A <b>description</b>.")
    assert video["thumbnailUrl"] == [f"{MEDIA}/posters/{VIDEO}.jpg"]
    assert datetime.fromisoformat(video["uploadDate"]).isoformat() == "2026-05-14T16:00:00+00:00"
    assert video["duration"] == "PT1M12S"
    assert video["inLanguage"] == ["fr", "en"]
    assert video["creditText"] == "Newsreel"
    assert video["usageInfo"]["text"] == "Editorial use only.\nNo resale."
    assert "contentUrl" not in video


async def test_clips_are_the_shotlist(portal: Portal) -> None:
    clips = told((await portal.get(PAGE)).text)["hasPart"]
    assert [(clip["name"], clip["startOffset"], clip["endOffset"]) for clip in clips] == [
        ("Arrival.", 0, 12),
        ("Bonjour.", 12, 72),
    ]
    assert [clip["url"] for clip in clips] == [f"{ORIGIN}{PAGE}?t=0", f"{ORIGIN}{PAGE}?t=12"]


async def test_a_bare_video_has_no_clips(portal: Portal) -> None:
    assert told((await portal.get(f"/videos/{BARE_VIDEO}")).text)["hasPart"] == []


@pytest.mark.parametrize("title", [HOSTILE, "</SCRIPT ><svg onload=x>", "<!--", "\\u003c/script>"])
async def test_no_title_ends_the_block(portal: Portal, title: str) -> None:
    await title_is(portal, title)
    text = (await portal.get(PAGE)).text
    assert told(text)["name"] == title
    block = text.partition('<script type="application/ld+json">')[2].partition("</script>")[0]
    assert "<" not in block
    assert json.loads(block)["hasPart"][0]["name"] == title


@needs_chromium
async def test_chromium_runs_nothing_of_it_and_the_policy_stays(portal: Portal, tmp_path: Path) -> None:
    await title_is(portal, HOSTILE)
    async with served(portal.app) as address:
        port = int(address.rpartition(":")[2])
        async with chromium(tmp_path, portal.origin, port, {}) as context:
            said: list[str] = []
            page = context.pages[0]
            page.on("console", lambda message: said.append(message.text))
            answer = await page.goto(f"{portal.origin}{PAGE}")
            assert answer is not None
            assert "script-src http://portal.test/static/;" in answer.headers["content-security-policy"]
            block = await page.locator('script[type="application/ld+json"]').text_content()
            assert json.loads(block or "")["name"] == HOSTILE
            assert (await page.title()).startswith("</script>")
            assert [line for line in said if "Content Security Policy" in line or "script" in line] == []
