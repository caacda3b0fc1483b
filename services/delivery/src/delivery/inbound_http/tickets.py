"""Grants and their tickets: for people who are signed in, and for clients that may download."""

from typing import Annotated, Any, TypeAlias
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response, status

from delivery.domain.grant import Caller, Grant, Rendition
from delivery.inbound_http.dependencies import Dependencies, caller_check
from delivery.inbound_http.edge_answer import answer, rendition_file
from delivery.inbound_http.link_answer import link_answer, signed_url, wants_json
from delivery.representations import GrantBody, GrantRequest, LinkBody
from delivery.usecases.open_grant import open_grant
from delivery.usecases.redeem_ticket import redeem_ticket
from newsreel_runtime.http.problems import documented

_LOCATION = {"Location": {"description": "A signed URL.", "schema": {"type": "string", "format": "uri"}}}
_MOVED: dict[int | str, dict[str, Any]] = {
    200: {"model": LinkBody, "description": "The same, for who accepts `application/json` alone."},
    307: {"description": "A fresh signed URL for the bytes.", "headers": _LOCATION},
}
_TO_THE_EDGE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The edge sends the file that `X-Accel-Redirect` names."},
    304: {"description": "The copy at hand is the same."},
}
_KNOWN: dict[int | str, dict[str, Any]] = {
    200: {"model": GrantBody, "description": "The grant that the account already has."}
}


def create_router(dependencies: Dependencies) -> APIRouter:
    database, clock = dependencies.database, dependencies.clock
    router = APIRouter(tags=["tickets"])

    Asking: TypeAlias = Annotated[Caller, Depends(caller_check(dependencies))]

    @router.post(
        "/v1/grants",
        summary="Ask for a rendition",
        status_code=status.HTTP_201_CREATED,
        responses=_KNOWN | documented(400, 401, 403, 404, 410, 413, 422, 503),
    )
    async def post_grant(wanted: GrantRequest, caller: Asking, response: Response) -> GrantBody:
        async with database.begin() as tx:
            opened = await open_grant(tx, caller, wanted.video_id, wanted.rendition_id, clock())
        if not opened.new:
            response.status_code = status.HTTP_200_OK
        return GrantBody.of(opened, dependencies.ticket_url(opened.grant.grant_id))

    async def redeem(grant_id: UUID, caller: Caller, method: str) -> tuple[Grant, Rendition]:
        seconds, recorded = dependencies.signer.seconds, method == "GET"
        return await redeem_ticket(database, caller, grant_id, clock(), seconds=seconds, record=recorded)

    async def redirect(grant_id: UUID, caller: Asking, request: Request) -> Response:
        grant, rendition = await redeem(grant_id, caller, request.method)
        if wants_json(request):
            return link_answer(dependencies.signer, grant, rendition, clock())
        url = signed_url(dependencies.signer, grant, rendition, clock())
        headers = {"Location": url, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
        return Response(status_code=status.HTTP_307_TEMPORARY_REDIRECT, headers=headers)

    async def send(grant_id: UUID, caller: Asking, request: Request) -> Response:
        grant, rendition = await redeem(grant_id, caller, request.method)
        file = rendition_file(rendition, rendition.file, grant.grant_id, grant.account_id)
        return await answer(request, file, dependencies.source)

    for method in ("GET", "HEAD"):
        router.add_api_route(
            "/download/{grant_id}",
            redirect,
            methods=[method],
            summary="Follow a ticket" if method == "GET" else "Try a ticket",
            operation_id=f"{method.lower()}_ticket",
            status_code=status.HTTP_307_TEMPORARY_REDIRECT,
            response_class=Response,
            responses=_MOVED | documented(401, 403, 404, 410, 422, 503),
        )
        router.add_api_route(
            "/v1/grants/{grant_id}/file",
            send,
            methods=[method],
            summary="Tell the edge to send the file" if method == "GET" else "Look at the file",
            operation_id=f"{method.lower()}_grant_file",
            response_class=Response,
            responses=_TO_THE_EDGE | documented(401, 403, 404, 410, 412, 422, 503),
        )
    return router
