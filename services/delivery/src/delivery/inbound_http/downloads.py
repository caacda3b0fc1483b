"""My downloads: what the account was granted, and taking a grant back."""

from typing import Annotated, TypeAlias
from uuid import UUID

from fastapi import APIRouter, Depends, Query, status

from delivery.domain.grant import Caller
from delivery.inbound_http.dependencies import Dependencies, caller_check
from delivery.representations import DownloadsBody
from delivery.usecases.list_downloads import list_downloads
from delivery.usecases.revoke_grant import revoke_grant
from newsreel_runtime.http.problems import documented

Limit = Annotated[int, Query(ge=1, le=100, description="How many downloads at most.")]
Cursor = Annotated[UUID | None, Query(description="`next_cursor` of an earlier page.")]


def create_router(dependencies: Dependencies) -> APIRouter:
    database, clock = dependencies.database, dependencies.clock
    router = APIRouter(prefix="/v1/downloads", tags=["downloads"])
    Asking: TypeAlias = Annotated[Caller, Depends(caller_check(dependencies))]

    @router.get(
        "",
        summary="What the account was granted, newest first",
        responses=documented(401, 403, 422, 503),
    )
    async def get_downloads(caller: Asking, limit: Limit = 20, cursor: Cursor = None) -> DownloadsBody:
        async with database.read() as sql:
            page = await list_downloads(sql, caller, limit=limit, cursor=cursor, at=clock())
        return DownloadsBody.of(page, dependencies.ticket_url)

    @router.delete(
        "/{grant_id}",
        summary="Revoke a grant: its ticket and its signed URLs give nothing from now on",
        status_code=status.HTTP_204_NO_CONTENT,
        responses=documented(401, 403, 404, 422, 503),
    )
    async def delete_download(grant_id: UUID, caller: Asking) -> None:
        async with database.begin() as tx:
            await revoke_grant(tx, caller, grant_id, clock())

    return router
