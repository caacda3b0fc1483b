"""What a browser brings: its cookies, and a form that has to come from a page of ours."""

import re
import secrets
from collections.abc import Awaitable, Callable

from fastapi import Request

from portal.domain.flow import Flow
from portal.domain.languages import LANGUAGES
from portal.errors import not_from_here
from portal.inbound_http.forms import TOKEN_FIELD, sent_fields
from portal.inbound_http.site import Site
from portal.inbound_http.visit import Visit

_BROWSER_ID = re.compile(r"[A-Za-z0-9_-]{22}")
_SESSION = re.compile(r"[A-Za-z0-9._~+/=-]{1,512}")


def visit_of(site: Site, request: Request) -> Visit:
    """The visit as the cookies tell it; a cookie that is not ours counts as none."""
    browser = request.cookies.get(site.cookie("newsreel-browser"), "")
    if not _BROWSER_ID.fullmatch(browser):
        browser = secrets.token_urlsafe(16)
    session = request.cookies.get(site.cookie("newsreel"), "")
    flow = request.cookies.get(site.cookie("newsreel-flow"))
    known = request.cookies.get(site.cookie("newsreel-known"), "")
    language = request.cookies.get(site.cookie("newsreel-language"))
    return Visit(
        site,
        request,
        browser,
        session if _SESSION.fullmatch(session) else None,
        site.signatures.unseal(browser, flow) if flow else Flow(),
        known_browser=known if _SESSION.fullmatch(known) else None,
        chosen_language=language if language in LANGUAGES else None,
    )


def visit_check(site: Site) -> Callable[[Request], Awaitable[Visit]]:
    """The dependency of every route: its visit. A POST counts only from a page of ours in this browser."""

    async def checked_visit(request: Request) -> Visit:
        visit = visit_of(site, request)
        if request.method == "POST":
            if not _is_same_origin(visit):
                raise not_from_here()
            visit.sent = sent_fields(request.headers.get("content-type", ""), await request.body())
            tokens = visit.sent.get(TOKEN_FIELD, [])
            if len(tokens) != 1 or not site.signatures.form_token_holds(visit.browser, tokens[0]):
                raise not_from_here()
        return visit

    return checked_visit


def _is_same_origin(visit: Visit) -> bool:
    """Privacy settings make `Origin: null` of any origin (Fetch §3.2): that says as much as none."""
    origin = visit.request.headers.get("origin", "null")
    if origin != "null":
        return origin == visit.site.origin
    return visit.request.headers.get("sec-fetch-site") == "same-origin"
