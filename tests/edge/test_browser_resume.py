"""Chromium, for real: a download that broke off goes on with Resume after the life of a link (trial B1)."""

import random
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import BrowserContext, Error, async_playwright

from newsreel_testing.breakable_line import Line, line_to
from newsreel_testing.delivery_service import Delivery
from newsreel_testing.edges import Edge
from newsreel_testing.portal import ORIGIN, Portal
from newsreel_testing.wait_until import until

CHROMIUM = shutil.which("chromium")
QUIET = (
    "--headless=new",  # the old one has no page of downloads
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SIZE, BREAKS_AT = 20_000_003, 6_000_000
LINKS_LIFE = 3600

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium (Debian: apt install chromium)")


@pytest.fixture
def later(delivery: Delivery) -> Iterator[Delivery]:
    """Delivery, whose clock the test may put forward."""
    before = delivery.clock.at
    yield delivery
    delivery.clock.at = before


@asynccontextmanager
async def chromium(folder: Path, line: Line, cookies: dict[str, str]) -> AsyncIterator[BrowserContext]:
    """A browser with a profile of its own that reaches the portal's name over the line."""
    host = urlsplit(ORIGIN).netloc
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            folder / "profile",
            executable_path=CHROMIUM,
            headless=False,
            args=[*QUIET, f"--host-resolver-rules=MAP {host}:80 127.0.0.1:{line.port}"],
        )
        try:
            await context.add_cookies(
                [{"name": name, "value": value, "url": f"{ORIGIN}/"} for name, value in cookies.items()]
            )
            session = await context.new_cdp_session(context.pages[0])
            downloads = {"behavior": "allow", "downloadPath": str(folder / "downloads")}
            await session.send("Browser.setDownloadBehavior", downloads)
            yield context
        finally:
            await context.close()


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
        chromium(tmp_path, line, portal.cookies()) as browser,
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
