"""Chromium, for real: a download that broke off goes on with Resume after the life of a link (trial B1)."""

import random
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Error

from newsreel_testing.breakable_line import line_to
from newsreel_testing.chromium import chromium, needs_chromium
from newsreel_testing.delivery_service import Delivery
from newsreel_testing.edges import Edge
from newsreel_testing.portal import ORIGIN, Portal
from newsreel_testing.wait_until import until

SIZE, BREAKS_AT = 20_000_003, 6_000_000
LINKS_LIFE = 3600


@pytest.fixture
def later(delivery: Delivery) -> Iterator[Delivery]:
    """Delivery, whose clock the test may put forward."""
    before = delivery.clock.at
    yield delivery
    delivery.clock.at = before


@needs_chromium
async def test_resume_after_the_links_life(
    edge: Edge, portal: Portal, later: Delivery, tmp_path: Path
) -> None:
    content = random.Random(2).randbytes(SIZE)
    video, rendition = await later.publish_file(content, "presser.mp4")
    await portal.sign_in()
    async with later.client() as program:
        program.headers["Authorization"] = f"Bearer {await portal.access_token()}"
        wanted = {"video_id": str(video.video_id), "rendition_id": str(rendition.rendition_id)}
        ticket = urlsplit((await program.post("/v1/grants", json=wanted)).json()["ticket"]).path
    async with (
        line_to(urlsplit(edge.origin).port or 0, BREAKS_AT) as line,
        chromium(tmp_path, ORIGIN, line.port, portal.cookies()) as browser,
    ):
        with pytest.raises(Error, match="Download is starting"):
            await browser.pages[0].goto(ORIGIN + ticket)
        page = await browser.new_page()
        await page.goto("chrome://downloads/")
        more, resume = page.locator("#more-actions"), page.locator("#pause-or-resume")
        await more.click()
        await resume.filter(has_text="Resume").wait_for()
        assert line.is_down
        later.clock.pass_by(2 * LINKS_LIFE)
        line.mend()
        await resume.click()

        async def whole() -> bool:
            file = tmp_path / "downloads" / "presser.mp4"
            return file.exists() and file.stat().st_size == SIZE

        await until(whole, "the whole file", deadline=30)
    assert (tmp_path / "downloads" / "presser.mp4").read_bytes() == content
    assert line.passed < SIZE + 1_000_000, "it began again"
