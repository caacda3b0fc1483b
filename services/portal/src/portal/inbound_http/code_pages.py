"""Enter the code from the mail, or have a new one sent: for a registration and for a new password alike."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from newsreel_runtime.errors import ServiceError
from portal.domain.flow import Challenge, Purpose
from portal.inbound_http.arrival import Visiting
from portal.inbound_http.forms import CODE, described, empty, read
from portal.inbound_http.visit import Visit
from portal.usecases.prove_address import prove_address

router = APIRouter(default_response_class=HTMLResponse)


@dataclass(frozen=True)
class _Way:
    """`path` has the form, `before` begins anew, `after` comes once the code was right."""

    purpose: Purpose
    path: str
    before: str
    after: str

    def challenge(self, visit: Visit) -> Challenge | None:
        """The challenge that this browser asked for, when it is for this purpose."""
        challenge = visit.flow.challenge
        return challenge if challenge is not None and challenge.purpose == self.purpose else None


_SIGNUP = _Way("signup", "/code", "/register", "/registered")
_RESET = _Way("reset", "/forgot/code", "/forgot", "/forgot/password")


@router.get("/code", summary="The form for a registration's code")
async def show_signup(visit: Visiting) -> Response:
    return _show(visit, _SIGNUP)


@router.post("/code", status_code=303, summary="Enter a registration's code", openapi_extra=described(CODE))
async def enter_signup(visit: Visiting) -> Response:
    return await _enter(visit, _SIGNUP)


@router.post("/code/new", status_code=303, summary="Send a new registration code", openapi_extra=described())
async def renew_signup(visit: Visiting) -> Response:
    return await _renew(visit, _SIGNUP)


@router.get("/forgot/code", summary="The form for a new password's code")
async def show_reset(visit: Visiting) -> Response:
    return _show(visit, _RESET)


@router.post(
    "/forgot/code", status_code=303, summary="Enter a new password's code", openapi_extra=described(CODE)
)
async def enter_reset(visit: Visiting) -> Response:
    return await _enter(visit, _RESET)


@router.post("/forgot/code/new", status_code=303, summary="Send a new code", openapi_extra=described())
async def renew_reset(visit: Visiting) -> Response:
    return await _renew(visit, _RESET)


def _show(visit: Visit, way: _Way) -> Response:
    if way.challenge(visit) is None:
        return visit.see_other(way.before)
    return visit.page("code.html", form=empty(CODE), way=way, address=visit.flow.address)


async def _enter(visit: Visit, way: _Way) -> Response:
    challenge = way.challenge(visit)
    if challenge is None:
        return visit.see_other(way.before)
    form = read(visit.sent, CODE)
    given: dict[str, Any] = {"way": way, "address": visit.flow.address}
    if form.errors:
        return visit.form_page("code.html", form, **given)
    try:
        visit.flow = await prove_address(visit.site.identity, visit.flow, challenge, form["code"])
    except ServiceError as error:
        return visit.form_page("code.html", form, error, **given)
    return visit.see_other(way.after)


async def _renew(visit: Visit, way: _Way) -> Response:
    challenge = way.challenge(visit)
    if challenge is None:
        return visit.see_other(way.before)
    try:
        await visit.site.identity.send_new_code(challenge)
    except ServiceError as error:
        return visit.form_page("code.html", empty(CODE), error, way=way, address=visit.flow.address)
    visit.note("code-sent")
    return visit.see_other(way.path)
