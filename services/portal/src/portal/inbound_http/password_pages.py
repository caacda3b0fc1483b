"""Change the own password, with the old one."""

from typing import Annotated, TypeAlias

from fastapi import APIRouter, Depends
from starlette.responses import HTMLResponse, Response

from newsreel_runtime.errors import ServiceError
from portal.domain.places import AccountPage
from portal.inbound_http.arrival import visit_check
from portal.inbound_http.forms import NEW_PASSWORD, PASSWORD, described, empty, read
from portal.inbound_http.site import Site
from portal.inbound_http.visit import Visit


def create_router(site: Site) -> APIRouter:
    router = APIRouter(default_response_class=HTMLResponse)
    Checked: TypeAlias = Annotated[Visit, Depends(visit_check(site))]

    @router.get("/account/password", summary="The form for another password")
    async def show(visit: Checked) -> Response:
        access = await visit.access_for(AccountPage())
        return await visit.password_page("change_password.html", empty(PASSWORD, NEW_PASSWORD), reader=access)

    @router.post(
        "/account/password",
        status_code=303,
        summary="Change the password; every other session ends",
        openapi_extra=described(PASSWORD, NEW_PASSWORD),
    )
    async def change(visit: Checked) -> Response:
        access = await visit.access_for(AccountPage())
        form = read(visit.sent, PASSWORD, NEW_PASSWORD)
        if form.errors:
            return await visit.password_page("change_password.html", form, reader=access)
        try:
            session = await site.identity.change_password(
                access.access_token,
                form["password"],
                form["new_password"],
                origin=visit.origin,
                browser=visit.browser_name,
            )
        except ServiceError as error:
            if error.status == 401:
                return visit.sign_in_again(error, AccountPage())
            return await visit.password_page("change_password.html", form, error, reader=access)
        visit.signed_in(session, access.account.address)
        visit.note("password-changed-here")
        return visit.see_other("/account")

    return router
