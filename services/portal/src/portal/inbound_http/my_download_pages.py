"""My downloads: what the person was granted, and the form that revokes a link."""

from typing import Annotated, TypeAlias
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import HTMLResponse, Response

from newsreel_runtime.errors import ServiceError
from portal.domain.places import DownloadsPage, path_of
from portal.inbound_http.arrival import visit_check
from portal.inbound_http.forms import described
from portal.inbound_http.site import Site
from portal.inbound_http.visit import Visit

_HERE = DownloadsPage()


def create_router(site: Site) -> APIRouter:
    router = APIRouter(prefix=path_of(_HERE), default_response_class=HTMLResponse)
    Checked: TypeAlias = Annotated[Visit, Depends(visit_check(site))]

    @router.get("", summary="What the person was granted, newest first")
    async def show(visit: Checked, cursor: UUID | None = None) -> Response:
        access = await visit.access_for(_HERE)
        try:
            downloads = await site.delivery.downloads(access.access_token, cursor)
        except ServiceError as error:
            return visit.sign_in_again(error, _HERE)
        return visit.page(
            "downloads.html", downloads=downloads, older=cursor is not None, reader=access, here="/account"
        )

    @router.post(
        "/{grant_id}/revoke",
        status_code=303,
        summary="Revoke a download link",
        openapi_extra=described(),
    )
    async def revoke(visit: Checked, grant_id: UUID) -> Response:
        access = await visit.access_for(_HERE)
        try:
            await site.delivery.revoke(access.access_token, grant_id)
        except ServiceError as error:
            return visit.sign_in_again(error, _HERE)
        visit.note("download-revoked")
        return visit.see_other(path_of(_HERE))

    return router
