"""A forgotten password: ask for a code, and with the right one set a new password."""

from dataclasses import replace

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from newsreel_runtime.errors import ServiceError
from portal.domain.flow import Flow
from portal.domain.places import Home, VideoPage, path_of
from portal.inbound_http.arrival import Visiting
from portal.inbound_http.forms import ADDRESS, PASSWORD, described, empty, read

router = APIRouter(default_response_class=HTMLResponse)


@router.get("/forgot", summary="The form for a forgotten password")
async def show(visit: Visiting) -> Response:
    visit.start()
    return visit.page("forgot.html", form=empty(ADDRESS, address=visit.flow.address))


@router.post(
    "/forgot",
    status_code=303,
    summary="Ask for a code to set a new password",
    openapi_extra=described(ADDRESS),
)
async def ask(visit: Visiting) -> Response:
    form = read(visit.sent, ADDRESS)
    if form.errors:
        return visit.form_page("forgot.html", form)
    try:
        challenge = await visit.site.identity.ask_reset(form["address"], visit.languages[0])
    except ServiceError as error:
        return visit.form_page("forgot.html", form, error)
    visit.flow = replace(visit.flow, challenge=challenge, reset=None, address=form["address"])
    return visit.see_other("/forgot/code")


@router.get("/forgot/password", summary="The form for the new password")
async def show_password(visit: Visiting) -> Response:
    if visit.flow.reset is None:
        return visit.see_other("/forgot")
    return visit.page("new_password.html", form=empty(PASSWORD), address=visit.flow.address)


@router.post(
    "/forgot/password",
    status_code=303,
    summary="Set the new password; all sessions end",
    openapi_extra=described(PASSWORD),
)
async def set_password(visit: Visiting) -> Response:
    flow, reset = visit.flow, visit.flow.reset
    if reset is None:
        return visit.see_other("/forgot")
    form = read(visit.sent, PASSWORD)
    if form.errors:
        return visit.form_page("new_password.html", form, address=flow.address)
    try:
        await visit.site.identity.set_password(reset.challenge_id, reset.token, form["password"])
    except ServiceError as error:
        return visit.form_page("new_password.html", form, error, address=flow.address)
    visit.session = None
    visit.flow = Flow(place=flow.place, address=flow.address)
    visit.note("password-changed")
    # The page itself has the sign-in form then; a ticket and the newsletter have no page before signing in.
    back = flow.place if isinstance(flow.place, Home | VideoPage) else None
    return visit.see_other(path_of(back) if back else "/sign-in")
