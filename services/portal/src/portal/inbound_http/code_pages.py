"""Enter the code from the mail, or have a new one sent: the same for all that a code is asked for."""

import contextlib
from dataclasses import dataclass, replace
from typing import Annotated, Any, TypeAlias
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import HTMLResponse, Response

from newsreel_runtime.errors import ServiceError
from portal.domain.flow import Challenge, Purpose
from portal.inbound_http.address_pages import change_address
from portal.inbound_http.arrival import visit_check
from portal.inbound_http.forms import CHALLENGE_FIELD, CODE, Form, described, empty, read
from portal.inbound_http.site import Site
from portal.inbound_http.told import tell
from portal.inbound_http.visit import Visit
from portal.usecases.prove_address import prove_address

_OVER = {"challenge-over", "challenge-unknown"}


@dataclass(frozen=True)
class CodePage:
    """`path` has the form, `before` begins anew, `after` comes once the code was right."""

    purpose: Purpose
    path: str
    before: str
    after: str
    noun: str


CODE_PAGES: dict[Purpose, CodePage] = {
    "signup": CodePage("signup", "/code", "/register", "/registered", "registration"),
    "reset": CodePage("reset", "/forgot/code", "/forgot", "/forgot/password", "new password"),
    "address": CodePage(
        "address", "/account/address/code", "/account/address", "/account", "change of address"
    ),
}


def challenge_of_form(visit: Visit, purpose: Purpose) -> Challenge | None:
    """The challenge that the form was made for, whatever other tabs did meanwhile; None for no such form.

    A browser that forgot it still has the secret: identity says whether it is this browser's.
    """
    sent = visit.sent.get(CHALLENGE_FIELD)
    if not sent:
        return visit.flow.latest(purpose)
    try:
        challenge_id = UUID(sent[0])
    except ValueError:
        return None
    known = visit.flow.find(challenge_id)
    return known or Challenge(challenge_id, purpose, "", visit.site.clock())


def nothing_open(visit: Visit, purpose: Purpose, over: Challenge | None = None) -> Response:
    """The page that says that a request is over, or that there is none in this browser, and leads on."""
    if over is not None:
        visit.flow = visit.flow.forgotten(over.challenge_id)
    return visit.page("nothing_open.html", status=410, purpose=purpose, is_over=over is not None)


def create_router(site: Site) -> APIRouter:
    router = APIRouter(default_response_class=HTMLResponse)
    for code_page in CODE_PAGES.values():
        _add_pages(router, site, code_page)
    return router


def _add_pages(router: APIRouter, site: Site, code_page: CodePage) -> None:
    Checked: TypeAlias = Annotated[Visit, Depends(visit_check(site))]
    form_parts = {"may_have": CHALLENGE_FIELD}

    @router.get(code_page.path, summary=f"The form for the code of a {code_page.noun}")
    async def show(visit: Checked) -> Response:
        challenge = visit.flow.latest(code_page.purpose)
        if challenge is None:
            return nothing_open(visit, code_page.purpose)
        if challenge.state != "open":
            return visit.see_other(code_page.after)
        return visit.page("code.html", **await _shown(visit, code_page, challenge), form=empty(CODE))

    @router.post(
        code_page.path,
        status_code=303,
        summary=f"Enter the code of a {code_page.noun}",
        openapi_extra=described(CODE, **form_parts),
    )
    async def enter(visit: Checked) -> Response:
        challenge = challenge_of_form(visit, code_page.purpose)
        return (
            await _enter(visit, code_page, challenge) if challenge else nothing_open(visit, code_page.purpose)
        )

    @router.post(
        f"{code_page.path}/new",
        status_code=303,
        summary=f"Send a new code for a {code_page.noun}",
        openapi_extra=described(**form_parts),
    )
    async def renew(visit: Checked) -> Response:
        challenge = challenge_of_form(visit, code_page.purpose)
        return (
            await _renew(visit, code_page, challenge) if challenge else nothing_open(visit, code_page.purpose)
        )


async def _shown(visit: Visit, code_page: CodePage, challenge: Challenge) -> dict[str, Any]:
    """What the page is made of; without identity it does not say what became of the mail."""
    told = None
    with contextlib.suppress(ServiceError):
        told = await tell(visit, challenge)
    return {"code_page": code_page, "challenge": challenge, "told": told}


async def _enter(visit: Visit, code_page: CodePage, challenge: Challenge) -> Response:
    form = read(visit.sent, CODE)
    if form.errors:
        return visit.form_page("code.html", form, **await _shown(visit, code_page, challenge))
    identity, secret = visit.site.identity, visit.challenge_secret
    try:
        if code_page.purpose == "address":
            return await change_address(visit, challenge, form["code"])
        visit.flow = await prove_address(identity, visit.flow, challenge, secret=secret, code=form["code"])
    except ServiceError as error:
        return await _refused(visit, code_page, challenge, form, error)
    return visit.see_other(CODE_PAGES[visit.flow.challenges[0].purpose].after)


async def _renew(visit: Visit, code_page: CodePage, challenge: Challenge) -> Response:
    try:
        ends = await visit.site.identity.send_new_code(
            challenge.challenge_id, visit.challenge_secret, origin=visit.origin
        )
    except ServiceError as error:
        return await _refused(visit, code_page, challenge, empty(CODE), error)
    visit.flow = visit.flow.used(replace(challenge, ends=ends))
    visit.note("code-sent")
    return visit.see_other(code_page.path)


async def _refused(
    visit: Visit, code_page: CodePage, challenge: Challenge, form: Form, error: ServiceError
) -> Response:
    if error.code not in _OVER:
        return visit.form_page("code.html", form, error, **await _shown(visit, code_page, challenge))
    if challenge.state != "open":  # the person went back to a page whose work is done
        return visit.see_other(code_page.after)
    return nothing_open(visit, code_page.purpose, challenge)
