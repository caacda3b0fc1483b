"""The newsletter: one press."""

from dataclasses import replace

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from newsreel_runtime.errors import ServiceError
from portal.domain.places import NewsletterPage, path_of, place_at
from portal.inbound_http.arrival import Visiting
from portal.inbound_http.forms import Field, described, empty, read
from portal.usecases.set_newsletter import set_newsletter

router = APIRouter(default_response_class=HTMLResponse)
_WANTED = Field("wanted", "Your choice", 3, "Press the button to subscribe or to unsubscribe.")
_RETURN = Field("return_to", "The page to return to", 200, "")


@router.get("/newsletter", summary="The newsletter button on a page of its own")
async def show(visit: Visiting) -> Response:
    reader = await visit.reader()
    if visit.session is None:
        return visit.sign_in_first(NewsletterPage())
    return visit.page("newsletter.html", reader=reader, here="/newsletter", form=empty(_WANTED))


@router.post(
    "/newsletter",
    status_code=303,
    summary="Subscribe or unsubscribe the account that is signed in",
    openapi_extra=described(_WANTED, _RETURN),
)
async def press(visit: Visiting) -> Response:
    if visit.session is None:
        return visit.sign_in_first(NewsletterPage())
    form = read(visit.sent, _WANTED)
    if form.errors or form["wanted"] not in {"yes", "no"}:
        form = replace(form, errors={"": (_WANTED.missing,)})
        return visit.form_page("newsletter.html", form, reader=await visit.reader(), here="/newsletter")
    try:
        subscribed = await set_newsletter(visit.site.identity, visit.session, form["wanted"] == "yes")
    except ServiceError as error:
        if error.status != 401:
            raise
        visit.session = None
        return visit.sign_in_first(NewsletterPage())
    visit.note("newsletter-on" if subscribed else "newsletter-off")
    return visit.see_other(path_of(place_at(visit.sent.get("return_to", ["/"])[0])) + "#newsletter")
