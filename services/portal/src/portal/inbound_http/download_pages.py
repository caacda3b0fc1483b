"""Download: the press, and the ticket that leads to the bytes."""

import re
from typing import Annotated, TypeAlias
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, Response

from newsreel_runtime.errors import ServiceError
from newsreel_runtime.http.problems import response as problem
from portal.domain.places import Ticket, VideoPage, path_of
from portal.errors import sign_in_needed
from portal.inbound_http.arrival import visit_check
from portal.inbound_http.forms import described
from portal.inbound_http.site import Site
from portal.inbound_http.visit import Visit, wants_page

_BEARER = re.compile(r"(?i:bearer) ([A-Za-z0-9._~+/=-]{1,4096})")


_TOLD_TO_THE_EDGE = (
    "X-Accel-Redirect",
    "ETag",
    "Repr-Digest",
    "Content-Type",
    "Content-Disposition",
    "Cache-Control",
    "Content-Range",
    "X-Newsreel-Range",
    "X-Newsreel-Disposition",
    "X-Newsreel-Grant",
    "X-Newsreel-Account",
)
_CONDITIONS = ("if-match", "if-none-match", "if-range", "range")


def create_router(site: Site) -> APIRouter:
    router = APIRouter(default_response_class=HTMLResponse)
    Checked: TypeAlias = Annotated[Visit, Depends(visit_check(site))]

    @router.post(
        "/videos/{video_id}/renditions/{rendition_id}/download",
        status_code=303,
        summary="Take a rendition: to its ticket, or to sign in first",
        openapi_extra=described(),
    )
    async def press(visit: Checked, video_id: UUID, rendition_id: UUID) -> Response:
        wanted = VideoPage(video_id, rendition_id)
        if visit.session is None:
            return visit.sign_in_first(wanted)
        try:
            access = await visit.access(visit.session)
            grant_id = await site.delivery.grant(access.access_token, video_id, rendition_id)
        except ServiceError as error:
            return visit.sign_in_again(error, wanted)
        return visit.see_other(path_of(Ticket(grant_id)))

    async def follow(visit: Checked, grant_id: UUID) -> Response:
        """The ticket itself gives the bytes, so that a browser resumes at the address that it knows.

        Programs bring an access token or a session, and get problems as they are: they save what comes. With
        an access token they get a signed URL, which they may hand on.
        """
        headers = visit.request.headers
        bearer = _BEARER.fullmatch(headers.get("authorization", ""))
        is_person = bearer is None and wants_page(headers)
        if is_person and visit.session is None:
            return visit.sign_in_first(Ticket(grant_id))
        try:
            if bearer is not None:
                return await _signed(site, bearer[1], grant_id, visit.request.method)
            return await _file(visit, grant_id)
        except ServiceError as error:
            if is_person:
                return visit.sign_in_again(error, Ticket(grant_id))
            return problem(error)

    for method in ("GET", "HEAD"):
        router.add_api_route(
            "/download/{grant_id}",
            follow,
            methods=[method],
            summary="Take the file of a ticket" if method == "GET" else "As GET",
            operation_id=f"{method.lower()}_ticket",
        )
    return router


async def _token_of(visit: Visit) -> str:
    if visit.session is None:
        raise sign_in_needed()
    return (await visit.access(visit.session)).access_token


async def _signed(site: Site, token: str, grant_id: UUID, method: str) -> Response:
    url = await site.delivery.signed_url(token, grant_id, method)
    return Response(status_code=307, headers={"Location": url, "Cache-Control": "no-store"})


async def _file(visit: Visit, grant_id: UUID) -> Response:
    request = visit.request
    token = await _token_of(visit)
    told = await visit.site.delivery.file(token, grant_id, request.method, _conditions(request.headers))
    passed = {name: told.headers[name] for name in _TOLD_TO_THE_EDGE if name in told.headers}
    return Response(status_code=told.status_code, headers=passed)


def _conditions(headers: Headers) -> dict[str, str]:
    """What delivery judges; a range, where files lie in a bucket."""
    return {name: ", ".join(headers.getlist(name)) for name in _CONDITIONS if name in headers}
