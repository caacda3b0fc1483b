"""Say how to be called."""

from typing import Annotated, TypeAlias

from fastapi import APIRouter, Depends
from starlette.responses import HTMLResponse, Response

from newsreel_runtime.errors import ServiceError
from portal.domain.places import AccountPage
from portal.inbound_http.account_pages import account_page
from portal.inbound_http.arrival import visit_check
from portal.inbound_http.forms import NAME, described, read
from portal.inbound_http.site import Site
from portal.inbound_http.visit import Visit


def create_router(site: Site) -> APIRouter:
    router = APIRouter(default_response_class=HTMLResponse)
    Checked: TypeAlias = Annotated[Visit, Depends(visit_check(site))]

    @router.post(
        "/account/name",
        status_code=303,
        summary="Say how to be called; nothing takes the name away",
        openapi_extra=described(NAME),
    )
    async def change(visit: Checked) -> Response:
        access = await visit.access_for(AccountPage())
        form = read(visit.sent, NAME)
        if form.errors:
            return await account_page(visit, access, form)
        try:
            await site.identity.change_name(access.access_token, form["name"])
        except ServiceError as error:
            if error.status == 401:
                return visit.sign_in_again(error, AccountPage())
            return await account_page(visit, access, form, error)
        visit.note("name-changed")
        return visit.see_other("/account#name-panel")

    return router
