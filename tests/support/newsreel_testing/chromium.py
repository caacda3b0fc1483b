"""Chromium, for real, with a profile of its own and downloads that a test can look at."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import BrowserContext, async_playwright

_CHROMIUM = shutil.which("chromium")
_QUIET = (
    "--headless=new",  # the old one has no page of downloads
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
needs_chromium = pytest.mark.skipif(_CHROMIUM is None, reason="needs chromium (Debian: apt install chromium)")


@asynccontextmanager
async def chromium(
    folder: Path, origin: str, port: int, cookies: dict[str, str]
) -> AsyncIterator[BrowserContext]:
    """A browser that reaches the name of `origin` (http) at a port of this machine."""
    host = urlsplit(origin).netloc
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            folder / "profile",
            executable_path=_CHROMIUM,
            headless=False,
            args=[*_QUIET, f"--host-resolver-rules=MAP {host}:80 127.0.0.1:{port}"],
        )
        try:
            await context.add_cookies(
                [{"name": name, "value": value, "url": f"{origin}/"} for name, value in cookies.items()]
            )
            session = await context.new_cdp_session(context.pages[0])
            downloads = {"behavior": "allow", "downloadPath": str(folder / "downloads")}
            await session.send("Browser.setDownloadBehavior", downloads)
            yield context
        finally:
            await context.close()
