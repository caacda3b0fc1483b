"""Sign in, back to where the person was going; and sign out."""

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from newsreel_runtime.errors import ServiceError
from portal.domain.places import path_of
from portal.inbound_http.arrival import Visiting
from portal.inbound_http.forms import ADDRESS, PASSWORD, described, empty, read

router = APIRouter(default_response_class=HTMLResponse)


@router.get("/sign-in", summary="The sign-in form")
async def show(visit: Visiting) -> Response:
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
async def sign_in(visit: Visiting) -> Response:
    form = read(visit.sent, ADDRESS, PASSWORD)
    if form.errors:
        return visit.form_page("sign_in.html", form)
    try:
        session = await visit.site.identity.sign_in(form["address"], form["password"])
    except ServiceError as error:
        return visit.form_page("sign_in.html", form, error)
    place = visit.flow.place
    visit.signed_in(session)
    return visit.see_other(path_of(place))


@router.post(
    "/sign-out", status_code=303, summary="End the session, here and at identity", openapi_extra=described()
)
async def sign_out(visit: Visiting) -> Response:
    notice = "signed-out"
    if visit.session is not None:
        try:
            await visit.site.identity.sign_out(visit.session)
        except ServiceError as error:
            # On a shared machine the cookie has to go in any case; the page says what is left to do.
            notice = "signed-out" if error.status == 401 else "signed-out-here"
    visit.session = None
    visit.note("signed-out" if notice == "signed-out" else "signed-out-here")
    return visit.see_other("/")
