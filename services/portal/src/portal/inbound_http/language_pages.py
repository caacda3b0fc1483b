"""Choose the language of mails and pages."""

import re
from dataclasses import replace
from typing import Annotated, TypeAlias

from fastapi import APIRouter, Depends
from starlette.responses import HTMLResponse, Response

from portal.domain.languages import LANGUAGES
from portal.domain.places import AccountPage
from portal.inbound_http.account_pages import account_page
from portal.inbound_http.arrival import visit_check
from portal.inbound_http.forms import LANGUAGE, NO_LANGUAGE, described, read
from portal.inbound_http.site import Site
from portal.inbound_http.translations import Said
from portal.inbound_http.visit import Visit

# Neither `//host` nor `/\host`, which browsers take for another site (URL Standard, §4.4).
_OWN_PATH = re.compile(r"/(?:[A-Za-z0-9][!-\[\]-~]{0,1000})?")


def create_router(site: Site) -> APIRouter:
    router = APIRouter(default_response_class=HTMLResponse)
    Checked: TypeAlias = Annotated[Visit, Depends(visit_check(site))]

    @router.post(
        "/account/language",
        status_code=303,
        summary="Choose the language of mails and pages",
        openapi_extra=described(LANGUAGE),
    )
    async def choose(visit: Checked) -> Response:
        access = await visit.access_for(AccountPage())
        form = read(visit.sent, LANGUAGE)
        if form["language"] not in LANGUAGES:
            return await account_page(visit, access, replace(form, errors={"": (Said(NO_LANGUAGE),)}))
        await site.identity.change_language(access.access_token, form["language"])
        visit.chosen_language = form["language"]
        visit.note("language-changed")
        return visit.see_other("/account#language")

    @router.post(
        "/language",
        status_code=303,
        summary="Choose the language of the pages in this browser",
        openapi_extra=described(LANGUAGE, may_have="return_to"),
    )
    async def choose_here(visit: Checked) -> Response:
        form = read(visit.sent, LANGUAGE)
        if form["language"] in LANGUAGES:
            visit.chosen_language = form["language"]
        wanted = (visit.sent.get("return_to") or ["/"])[0]
        return visit.see_other(wanted if _OWN_PATH.fullmatch(wanted) else "/")

    return router
