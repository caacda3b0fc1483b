"""Register: an address, a password under the rule, and the page that says it is done."""

from dataclasses import replace
from typing import Annotated, TypeAlias

from fastapi import APIRouter, Depends
from starlette.responses import HTMLResponse, Response

from newsreel_runtime.errors import ServiceError
from portal.inbound_http.arrival import visit_check
from portal.inbound_http.forms import ADDRESS, PASSWORD, described, empty, read
from portal.inbound_http.site import Site
from portal.inbound_http.visit import Visit


def create_router(site: Site) -> APIRouter:
    router = APIRouter(default_response_class=HTMLResponse)
    Checked: TypeAlias = Annotated[Visit, Depends(visit_check(site))]

    @router.get("/register", summary="The registration form")
    async def show(visit: Checked) -> Response:
        visit.start()
        return await visit.password_page(
            "register.html", empty(ADDRESS, PASSWORD, address=visit.flow.address)
        )

    @router.post(
        "/register",
        status_code=303,
        summary="Ask for an account; a code comes by mail",
        openapi_extra=described(ADDRESS, PASSWORD),
    )
    async def register(visit: Checked) -> Response:
        form = read(visit.sent, ADDRESS, PASSWORD)
        if form.errors:
            return await visit.password_page("register.html", form)
        try:
            challenge = await site.identity.register(
                form["address"],
                form["password"],
                visit.languages[0],
                visit.challenge_secret,
                origin=visit.origin,
            )
        except ServiceError as error:
            return await visit.password_page("register.html", form, error)
        visit.flow = replace(visit.flow.used(challenge), address=form["address"])
        return visit.see_other("/code")

    @router.get("/registered", summary="Registration is done: downloading is possible now")
    async def registered(visit: Checked) -> Response:
        challenge = visit.flow.latest("signup")
        if challenge is None or challenge.state == "open":
            return visit.see_other("/code" if challenge else "/sign-in")
        return visit.page("registered.html")

    return router
