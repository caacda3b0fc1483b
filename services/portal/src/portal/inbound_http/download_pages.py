"""Download: the press, and the ticket that leads to the bytes."""

import re
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from newsreel_runtime.errors import ServiceError
from newsreel_runtime.http.problems import response as problem
from portal.domain.places import Ticket, VideoPage, path_of
from portal.inbound_http.arrival import Visiting
from portal.inbound_http.forms import described
from portal.inbound_http.visit import Visit
from portal.usecases.redeem_ticket import redeem_ticket
from portal.usecases.take_rendition import take_rendition

router = APIRouter(default_response_class=HTMLResponse)
_BEARER = re.compile(r"(?i:bearer) ([A-Za-z0-9._~+/=-]{1,4096})")


@router.post(
    "/videos/{video_id}/renditions/{rendition_id}/download",
    status_code=303,
    summary="Take a rendition: to its ticket, or to sign in first",
    openapi_extra=described(),
)
async def press(visit: Visiting, video_id: UUID, rendition_id: UUID) -> Response:
    wanted = VideoPage(video_id, rendition_id)
    if visit.session is None:
        return visit.sign_in_first(wanted)
    site = visit.site
    try:
        grant = await take_rendition(site.identity, site.delivery, visit.session, video_id, rendition_id)
    except ServiceError as error:
        return _sign_in_again(visit, error, wanted)
    return visit.see_other(path_of(Ticket(grant)))


@router.get("/download/{grant_id}", status_code=307, summary="Follow a ticket to a signed URL")
async def follow(visit: Visiting, grant_id: UUID) -> Response:
    token = _BEARER.fullmatch(visit.request.headers.get("authorization", ""))
    if token:
        return await _follow_as_program(visit, token[1], grant_id)
    ticket = Ticket(grant_id)
    if visit.session is None:
        return visit.sign_in_first(ticket)
    site, method = visit.site, visit.request.method
    try:
        url = await redeem_ticket(site.identity, site.delivery, visit.session, grant_id, method)
    except ServiceError as error:
        return _sign_in_again(visit, error, ticket)
    return _to_bytes(url)


@router.head("/download/{grant_id}", status_code=307, summary="As GET")
async def follow_head(visit: Visiting, grant_id: UUID) -> Response:
    return await follow(visit, grant_id)


async def _follow_as_program(visit: Visit, access_token: str, grant_id: UUID) -> Response:
    """Somebody with an access token of their own (curl -C -): delivery's answer or problem as it is."""
    try:
        return _to_bytes(await visit.site.delivery.signed_url(access_token, grant_id, visit.request.method))
    except ServiceError as error:
        return problem(error)


def _to_bytes(url: str) -> Response:
    return Response(status_code=307, headers={"Location": url, "Cache-Control": "no-store"})


def _sign_in_again(visit: Visit, error: ServiceError, place: VideoPage | Ticket) -> Response:
    if error.status != 401:
        raise error
    visit.session = None
    return visit.sign_in_first(place)
