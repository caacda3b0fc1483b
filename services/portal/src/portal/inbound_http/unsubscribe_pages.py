"""The link in each newsletter: a page that asks, and one press, or one POST of a mail program (RFC 8058)."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, Response

from newsreel_runtime.errors import ServiceError
from portal.inbound_http.arrival import visit_of
from portal.inbound_http.site import Site

Token = Annotated[str, Query(max_length=128, description="What the link of the mail has.")]
PATH = "/newsletter/unsubscribe"


def create_router(site: Site) -> APIRouter:
    router = APIRouter(default_response_class=HTMLResponse)

    @router.get(PATH, summary="Asks: following a link changes nothing")
    async def ask(request: Request, token: Token = "") -> Response:
        return _sealed(visit_of(site, request).page("unsubscribe.html", token=token, is_done=False))

    @router.post(PATH, summary="Leave the newsletter: the token is all that it takes, no cookie")
    async def leave(request: Request, token: Token = "") -> Response:
        visit = visit_of(site, request)
        try:
            await site.identity.leave_newsletter(token)
        except ServiceError as error:
            if error.status >= 500:
                raise
            return _sealed(visit.page("unsubscribe.html", status=422, token="", is_done=False))
        return _sealed(visit.page("unsubscribe.html", token="", is_done=True))

    return router


def _sealed(page: Response) -> Response:
    """The page's address holds the token: no link on it hands that on."""
    page.headers["Referrer-Policy"] = "no-referrer"
    return page
