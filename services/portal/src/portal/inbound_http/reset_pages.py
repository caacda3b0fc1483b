"""A forgotten password: ask for a code, and with the right one set a new password."""

from dataclasses import replace
from typing import Annotated, TypeAlias

from fastapi import APIRouter, Depends
from starlette.responses import HTMLResponse, Response

from newsreel_runtime.errors import ServiceError
from portal.domain.places import Home, VideoPage, path_of
from portal.inbound_http.arrival import visit_check
from portal.inbound_http.code_pages import challenge_of_form, nothing_open
from portal.inbound_http.forms import ADDRESS, CHALLENGE_FIELD, PASSWORD, described, empty, read
from portal.inbound_http.site import Site
from portal.inbound_http.visit import Visit


def create_router(site: Site) -> APIRouter:
    router = APIRouter(default_response_class=HTMLResponse)
    Checked: TypeAlias = Annotated[Visit, Depends(visit_check(site))]

    @router.get("/forgot", summary="The form for a forgotten password")
    async def show(visit: Checked) -> Response:
        visit.start()
        return visit.page("forgot.html", form=empty(ADDRESS, address=visit.flow.address))

    @router.post(
        "/forgot",
        status_code=303,
        summary="Ask for a code to set a new password",
        openapi_extra=described(ADDRESS),
    )
    async def ask(visit: Checked) -> Response:
        form = read(visit.sent, ADDRESS)
        if form.errors:
            return visit.form_page("forgot.html", form)
        try:
            challenge = await site.identity.ask_reset(
                form["address"], visit.languages[0], visit.challenge_secret, origin=visit.origin
            )
        except ServiceError as error:
            return visit.form_page("forgot.html", form, error)
        visit.flow = replace(visit.flow.used(challenge), address=form["address"])
        return visit.see_other("/forgot/code")

    @router.get("/forgot/password", summary="The form for the new password")
    async def show_password(visit: Checked) -> Response:
        challenge = visit.flow.latest("reset")
        if challenge is None:
            return nothing_open(visit, "reset")
        if challenge.state == "open":
            return visit.see_other("/forgot/code")
        if challenge.state == "done":
            return _go_on(visit)
        return await visit.password_page("new_password.html", empty(PASSWORD), challenge=challenge)

    @router.post(
        "/forgot/password",
        status_code=303,
        summary="Set the new password; all sessions end",
        openapi_extra=described(PASSWORD, may_have=CHALLENGE_FIELD),
    )
    async def set_password(visit: Checked) -> Response:
        return await _set_password(visit)

    return router


async def _set_password(visit: Visit) -> Response:
    challenge = challenge_of_form(visit, "reset")
    if challenge is None or challenge.reset_token is None:
        return nothing_open(visit, "reset")
    form = read(visit.sent, PASSWORD)
    if form.errors:
        return await visit.password_page("new_password.html", form, challenge=challenge)
    try:
        await visit.site.identity.set_password(
            challenge.challenge_id, challenge.reset_token, form["password"]
        )
    except ServiceError as error:
        if error.code == "reset-refused":
            return nothing_open(visit, "reset", challenge)
        return await visit.password_page("new_password.html", form, error, challenge=challenge)
    visit.session = None
    visit.flow = replace(visit.flow.used(replace(challenge, state="done")), address=challenge.address)
    return _go_on(visit)


def _go_on(visit: Visit) -> Response:
    """The page itself has the sign-in form then; a ticket and the newsletter have none before signing in."""
    if visit.session is None:
        visit.note("password-changed")
    place = visit.flow.place
    return visit.see_other(path_of(place) if isinstance(place, Home | VideoPage) else "/sign-in")
