"""Sign in, back to where the person was going; and sign out."""

from typing import Annotated, TypeAlias

from fastapi import APIRouter, Depends
from starlette.responses import HTMLResponse, Response

from newsreel_runtime.errors import ServiceError
from portal.domain.flow import Flow
from portal.domain.places import path_of
from portal.inbound_http.arrival import visit_check
from portal.inbound_http.forms import ADDRESS, PASSWORD, described, empty, read
from portal.inbound_http.site import Site
from portal.inbound_http.visit import Visit


def create_router(site: Site) -> APIRouter:
    router = APIRouter(default_response_class=HTMLResponse)
    Checked: TypeAlias = Annotated[Visit, Depends(visit_check(site))]

    @router.get("/sign-in", summary="The sign-in form")
    async def show(visit: Checked) -> Response:
        visit.start()
        if await visit.reader() is not None:
            return visit.see_other(path_of(visit.flow.place))
        return visit.page("sign_in.html", form=empty(ADDRESS, PASSWORD, address=visit.flow.address))

    @router.post(
        "/sign-in",
        status_code=303,
        summary="Sign in, and go on to where the person was going",
        openapi_extra=described(ADDRESS, PASSWORD),
    )
    async def sign_in(visit: Checked) -> Response:
        form = read(visit.sent, ADDRESS, PASSWORD)
        if form.errors:
            return visit.form_page("sign_in.html", form)
        try:
            session = await site.identity.sign_in(
                form["address"],
                form["password"],
                origin=visit.origin,
                browser=visit.browser_name,
            )
        except ServiceError as error:
            return visit.form_page("sign_in.html", form, error)
        visit.signed_in(session, form["address"])
        return visit.see_other(path_of(visit.flow.place))

    @router.post(
        "/sign-out",
        status_code=303,
        summary="End the session, here and at identity",
        openapi_extra=described(),
    )
    async def sign_out(visit: Checked) -> Response:
        is_ended = True
        if visit.session is not None:
            try:
                await site.identity.sign_out(visit.session)
            except ServiceError as error:
                # On a shared machine the cookie has to go in any case; the page says what is left to do.
                is_ended = error.status == 401
        visit.session, visit.flow = None, Flow(flash="signed-out" if is_ended else "signed-out-here")
        return visit.see_other("/")

    return router
