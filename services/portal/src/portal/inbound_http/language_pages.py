"""Choose the language of mails."""

from dataclasses import replace
from typing import Annotated, TypeAlias

from fastapi import APIRouter, Depends
from starlette.responses import HTMLResponse, Response

from portal.domain.languages import LANGUAGES
from portal.domain.places import AccountPage
from portal.inbound_http.account_pages import access_of, account_page
from portal.inbound_http.arrival import visit_check
from portal.inbound_http.forms import LANGUAGE, described, read
from portal.inbound_http.site import Site
from portal.inbound_http.visit import Visit


def create_router(site: Site) -> APIRouter:
    router = APIRouter(default_response_class=HTMLResponse)
    Checked: TypeAlias = Annotated[Visit, Depends(visit_check(site))]

    @router.post(
        "/account/language",
        status_code=303,
        summary="Choose the language of mails",
        openapi_extra=described(LANGUAGE),
    )
    async def choose(visit: Checked) -> Response:
        access = await access_of(visit)
        if access is None:
            return visit.sign_in_first(AccountPage())
        form = read(visit.sent, LANGUAGE)
        if form["language"] not in LANGUAGES:
            return await account_page(visit, access, replace(form, errors={"": (LANGUAGE.missing,)}))
        await site.identity.change_language(access.access_token, form["language"])
        visit.note("language-changed")
        return visit.see_other("/account#language")

    return router
