"""HTTP in: one module for each group of pages, and what every page goes through."""

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from newsreel_runtime.http.app import create_app
from portal.inbound_http import (
    account_pages,
    address_pages,
    code_pages,
    download_pages,
    feed_pages,
    language_pages,
    my_download_pages,
    name_pages,
    newsletter_pages,
    password_pages,
    progress_pages,
    registration_pages,
    reset_pages,
    search_pages,
    session_pages,
    ticket_pages,
    transcript_files,
    unsubscribe_pages,
    video_pages,
)
from portal.inbound_http.browser_rules import BrowserRules
from portal.inbound_http.refusal_pages import install
from portal.inbound_http.site import STATIC, Site

__all__ = ["Site", "create_http"]


def create_http(site: Site) -> FastAPI:
    app = create_app(
        title="Newsreel portal",
        summary="The pages: videos, downloads, accounts, newsletter.",
        explorer=False,  # no page here may run a script but our own
    )
    for pages in (
        account_pages,
        password_pages,
        address_pages,
        name_pages,
        language_pages,
        my_download_pages,
        ticket_pages,
        video_pages,
        search_pages,
        transcript_files,
        feed_pages,
        download_pages,
        registration_pages,
        code_pages,
        progress_pages,
        session_pages,
        reset_pages,
        newsletter_pages,
        unsubscribe_pages,
    ):
        app.include_router(pages.create_router(site))
    app.mount("/static", StaticFiles(directory=STATIC))
    install(app, site)
    app.add_middleware(BrowserRules, site=site)
    return app
