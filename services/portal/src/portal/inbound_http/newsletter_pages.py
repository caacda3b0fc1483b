"""The newsletter: one press to get it, one to leave it."""

from dataclasses import replace
from typing import Annotated, TypeAlias

from fastapi import APIRouter, Depends
from starlette.responses import HTMLResponse, Response

from newsreel_runtime.errors import ServiceError
from portal.domain.places import NewsletterPage, path_of, place_at
from portal.inbound_http.arrival import visit_check
from portal.inbound_http.forms import Field, described, empty, read
from portal.inbound_http.site import Site
from portal.inbound_http.translations import Said, translatable
from portal.inbound_http.visit import Visit

_CHOICE = translatable("Press the button to subscribe or to unsubscribe.")
_WANTED = Field("wanted", translatable("Your choice"), 3, _CHOICE)
# Of the words at the button in _forms.html: identity records which ones a person agreed to.
_WORDING = "2026-11"
_RETURN = Field("return_to", translatable("The page to return to"), 200, None)


def create_router(site: Site) -> APIRouter:
    router = APIRouter(default_response_class=HTMLResponse)
    Checked: TypeAlias = Annotated[Visit, Depends(visit_check(site))]

    @router.get("/newsletter", summary="The newsletter button on a page of its own")
    async def show(visit: Checked) -> Response:
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
    async def press(visit: Checked) -> Response:
        if visit.session is None:
            return visit.sign_in_first(NewsletterPage())
        form = read(visit.sent, _WANTED)
        if form.errors or form["wanted"] not in {"yes", "no"}:
            form = replace(form, errors={"": (Said(_CHOICE),)})
            return visit.form_page("newsletter.html", form, reader=await visit.reader(), here="/newsletter")
        try:
            access = await visit.access(visit.session)
            if form["wanted"] == "yes":
                subscribed = await site.identity.subscribe(access.access_token, _WORDING)
            else:
                subscribed = await site.identity.unsubscribe(access.access_token)
        except ServiceError as error:
            return visit.sign_in_again(error, NewsletterPage())
        visit.note("newsletter-on" if subscribed else "newsletter-off")
        return visit.see_other(path_of(place_at(visit.sent.get("return_to", ["/"])[0])) + "#newsletter")

    return router
