"""What a browser brings: its cookies, and a form that has to come from a page of ours."""

import re
import secrets
from typing import Annotated

from fastapi import Depends, Request

from portal.domain.flow import Flow
from portal.errors import not_from_here
from portal.inbound_http.forms import TOKEN_FIELD, sent_fields
from portal.inbound_http.site import Site
from portal.inbound_http.visit import Visit

_BROWSER_ID = re.compile(r"[A-Za-z0-9_-]{22}")
_SESSION = re.compile(r"[A-Za-z0-9._~+/=-]{1,512}")


def visit_of(request: Request) -> Visit:
    """The visit as the cookies tell it; a cookie that is not ours counts as none."""
    site: Site = request.app.state.site
    browser = request.cookies.get(site.cookie("newsreel-browser"), "")
    if not _BROWSER_ID.fullmatch(browser):
        browser = secrets.token_urlsafe(16)
    session = request.cookies.get(site.cookie("newsreel"), "")
    flow = request.cookies.get(site.cookie("newsreel-flow"))
    return Visit(
        site,
        request,
        browser,
        session if _SESSION.fullmatch(session) else None,
        site.signing.unseal(browser, flow) if flow else Flow(),
    )


async def _checked(request: Request) -> Visit:
    """Every route's visit. A POST counts only when it comes from a page of ours in this browser."""
    visit = visit_of(request)
    if request.method == "POST":
        if not _same_origin(visit):
            raise not_from_here(visit.site.origin)
        visit.sent = sent_fields(request.headers.get("content-type", ""), await request.body())
        tokens = visit.sent.get(TOKEN_FIELD, [])
        if len(tokens) != 1 or not visit.site.signing.form_token_holds(visit.browser, tokens[0]):
            raise not_from_here(visit.site.origin)
    return visit


def _same_origin(visit: Visit) -> bool:
    origin = visit.request.headers.get("origin")
    if origin is not None:
        return origin == visit.site.origin
    return visit.request.headers.get("sec-fetch-site") == "same-origin"


Visiting = Annotated[Visit, Depends(_checked)]
