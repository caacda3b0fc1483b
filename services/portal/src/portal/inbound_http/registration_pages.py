"""Register: an address, a password under the rule, and the page that says it is done."""

from dataclasses import replace

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from newsreel_runtime.errors import ServiceError
from portal.inbound_http.arrival import Visiting
from portal.inbound_http.forms import ADDRESS, PASSWORD, described, empty, read

router = APIRouter(default_response_class=HTMLResponse)


@router.get("/register", summary="The registration form")
async def show(visit: Visiting) -> Response:
    visit.start()
    return visit.page("register.html", form=empty(ADDRESS, PASSWORD, address=visit.flow.address))


@router.post(
    "/register",
    status_code=303,
    summary="Ask for an account; a code comes by mail",
    openapi_extra=described(ADDRESS, PASSWORD),
)
async def register(visit: Visiting) -> Response:
    form = read(visit.sent, ADDRESS, PASSWORD)
    if form.errors:
        return visit.form_page("register.html", form)
    try:
        challenge = await visit.site.identity.register(form["address"], form["password"], visit.languages[0])
    except ServiceError as error:
        return visit.form_page("register.html", form, error)
    visit.flow = replace(visit.flow, challenge=challenge, address=form["address"], registered=False)
    return visit.see_other("/code")


@router.get("/registered", summary="Registration is done: downloading is possible now")
async def registered(visit: Visiting) -> Response:
    if not visit.flow.registered:
        return visit.see_other("/sign-in")
    return visit.page("registered.html")
