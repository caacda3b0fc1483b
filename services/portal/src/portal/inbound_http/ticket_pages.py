"""Links for programs: made from a download or a video's file, shown once, revoked."""

from typing import Annotated, TypeAlias
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import HTMLResponse, Response

from newsreel_runtime.errors import ServiceError
from portal.domain.accounts import Access
from portal.domain.places import DownloadsPage, Place, VideoPage, path_of
from portal.domain.shell_lines import shell_lines
from portal.inbound_http.arrival import visit_check
from portal.inbound_http.forms import described
from portal.inbound_http.site import Site
from portal.inbound_http.visit import Visit

_DOWNLOADS = DownloadsPage()
_TICKETS = path_of(_DOWNLOADS) + "/{grant_id}/tickets"


def create_router(site: Site) -> APIRouter:
    router = APIRouter(default_response_class=HTMLResponse)
    Checked: TypeAlias = Annotated[Visit, Depends(visit_check(site))]

    @router.post(_TICKETS, summary="Make a link for curl, wget and aria2", openapi_extra=described())
    async def make(visit: Checked, grant_id: UUID) -> Response:
        access = await visit.access_for(_DOWNLOADS)
        return await _made(visit, access, grant_id, _DOWNLOADS)

    @router.post(
        "/videos/{video_id}/renditions/{rendition_id}/ticket",
        summary="Take a rendition with curl, wget or aria2: its link, or to sign in first",
        openapi_extra=described(),
    )
    async def press(visit: Checked, video_id: UUID, rendition_id: UUID) -> Response:
        wanted = VideoPage(video_id, rendition_id)
        access = await visit.access_for(wanted)
        try:
            grant_id = await site.delivery.grant(access.access_token, video_id, rendition_id)
        except ServiceError as error:
            return visit.sign_in_again(error, wanted)
        return await _made(visit, access, grant_id, wanted)

    @router.post(
        _TICKETS + "/{ticket_id}/revoke",
        status_code=303,
        summary="Revoke a link for programs",
        openapi_extra=described(),
    )
    async def revoke(visit: Checked, grant_id: UUID, ticket_id: UUID) -> Response:
        access = await visit.access_for(_DOWNLOADS)
        try:
            await site.delivery.revoke_ticket(access.access_token, grant_id, ticket_id)
        except ServiceError as error:
            return visit.sign_in_again(error, _DOWNLOADS)
        visit.note("ticket-revoked")
        return visit.see_other(path_of(_DOWNLOADS))

    return router


async def _made(visit: Visit, access: Access, grant_id: UUID, came_from: Place) -> Response:
    """The page is the answer to the press itself: a redirect would have to carry what is shown once."""
    try:
        ticket = await visit.site.delivery.make_ticket(access.access_token, grant_id)
    except ServiceError as error:
        return visit.sign_in_again(error, came_from)
    return visit.page(
        "new_ticket.html", ticket=ticket, lines=shell_lines(ticket), reader=access, back=path_of(came_from)
    )
