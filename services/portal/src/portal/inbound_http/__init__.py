"""HTTP in: one module for each group of pages, and what every page goes through."""

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from portal.inbound_http import (
    code_pages,
    download_pages,
    newsletter_pages,
    registration_pages,
    reset_pages,
    session_pages,
    video_pages,
)
from portal.inbound_http.browser_rules import BrowserRules
from portal.inbound_http.refusal_pages import install
from portal.inbound_http.site import STATIC, Site


def add_pages(app: FastAPI, site: Site) -> None:
    """Give `app` the portal's pages."""
    app.state.site = site
    for pages in (
        video_pages,
        download_pages,
        registration_pages,
        code_pages,
        session_pages,
        reset_pages,
        newsletter_pages,
    ):
        app.include_router(pages.router)
    app.mount("/static", StaticFiles(directory=STATIC))
    install(app)
    app.add_middleware(BrowserRules, site=site)
