"""Have another address: with the password, and with the code that is mailed there."""

from dataclasses import replace
from typing import Annotated, TypeAlias

from fastapi import APIRouter, Depends
from starlette.responses import HTMLResponse, Response

from newsreel_runtime.errors import ServiceError
from portal.domain.flow import Challenge
from portal.domain.places import AccountPage
from portal.inbound_http.arrival import visit_check
from portal.inbound_http.forms import ADDRESS, PASSWORD, described, empty, read
from portal.inbound_http.site import Site
from portal.inbound_http.visit import Visit

_PAGE = "change_address.html"


def create_router(site: Site) -> APIRouter:
    router = APIRouter(default_response_class=HTMLResponse)
    Checked: TypeAlias = Annotated[Visit, Depends(visit_check(site))]

    @router.get("/account/address", summary="The form for another address")
    async def show(visit: Checked) -> Response:
        access = await visit.access_for(AccountPage())
        return visit.page(_PAGE, form=empty(PASSWORD, ADDRESS), reader=access)

    @router.post(
        "/account/address",
        status_code=303,
        summary="Ask for another address; a code goes there",
        openapi_extra=described(PASSWORD, ADDRESS),
    )
    async def ask(visit: Checked) -> Response:
        access = await visit.access_for(AccountPage())
        form = read(visit.sent, PASSWORD, ADDRESS)
        if form.errors:
            return visit.form_page(_PAGE, form, reader=access)
        try:
            challenge = await site.identity.ask_address(
                access.access_token,
                form["password"],
                form["address"],
                visit.challenge_secret,
                origin=visit.origin,
            )
        except ServiceError as error:
            if error.status == 401:
                return visit.sign_in_again(error, AccountPage())
            return visit.form_page(_PAGE, form, error, reader=access)
        visit.flow = visit.flow.used(challenge)
        return visit.see_other("/account/address/code")

    return router


async def change_address(visit: Visit, challenge: Challenge, code: str) -> Response:
    """The account has the address, this browser a new session. Raises `ServiceError`: the code is refused."""
    access = await visit.access_for(AccountPage())
    try:
        session = await visit.site.identity.change_address(
            access.access_token,
            challenge.challenge_id,
            visit.challenge_secret,
            code,
            origin=visit.origin,
            browser=visit.browser_name,
        )
    except ServiceError as error:
        if error.status != 401:
            raise
        return visit.sign_in_again(error, AccountPage())
    visit.signed_in(session, challenge.address)
    visit.flow = visit.flow.used(replace(challenge, state="done"))
    visit.note("address-changed")
    return visit.see_other("/account")
