"""Bearer tickets: made and revoked by whoever has the grant, followed by whoever has the address."""

from typing import Annotated, Any, TypeAlias
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request, Response, status

from delivery.domain.bearer_ticket import bearer_path
from delivery.domain.grant import Caller
from delivery.inbound_http.dependencies import Dependencies, caller_check
from delivery.inbound_http.edge_answer import answer, rendition_file
from delivery.inbound_http.link_answer import link_answer, wants_json
from delivery.inbound_http.refusal_page import refusal_page, wants_page
from delivery.representations import LinkBody, NewTicketBody, TicketRequest
from delivery.usecases.make_bearer_ticket import make_bearer_ticket
from delivery.usecases.redeem_bearer import redeem_bearer
from delivery.usecases.revoke_bearer_ticket import revoke_bearer_ticket
from newsreel_runtime.errors import ServiceError
from newsreel_runtime.http.problems import documented

# The pattern is told and not checked here: what does not keep it is refused as any other wrong one is.
Bearer = Annotated[
    str,
    Path(description="What the ticket is worth.", json_schema_extra={"pattern": "^[A-Za-z0-9_-]{43}$"}),
]
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_GIVEN: dict[int | str, dict[str, Any]] = {
    200: {
        "model": LinkBody,
        "description": "The whole file; or, for who accepts `application/json` alone, where it is.",
        "content": {"application/octet-stream": _BINARY},
    },
    206: {"description": "The range asked for.", "content": {"application/octet-stream": _BINARY}},
    304: {"description": "The copy at hand is the same."},
}


def create_router(dependencies: Dependencies) -> APIRouter:
    database, clock = dependencies.database, dependencies.clock
    router = APIRouter(tags=["bearer tickets"])
    Asking: TypeAlias = Annotated[Caller, Depends(caller_check(dependencies))]

    @router.post(
        "/v1/grants/{grant_id}/tickets",
        summary="Make an address that needs no session: for curl, wget, aria2, or another machine",
        status_code=status.HTTP_201_CREATED,
        responses=documented(400, 401, 403, 404, 409, 410, 413, 422, 503),
    )
    async def post_ticket(
        grant_id: UUID, caller: Asking, response: Response, wanted: TicketRequest | None = None
    ) -> NewTicketBody:
        most = dependencies.ticket_seconds
        seconds = min(most, (wanted.seconds if wanted else None) or most)
        async with database.begin() as tx:
            made = await make_bearer_ticket(tx, caller, grant_id, seconds, clock())
        response.headers["Cache-Control"] = "no-store"
        url = dependencies.ticket_origin + bearer_path(made.bearer, made.rendition.file)
        return NewTicketBody.of(made, url)

    @router.delete(
        "/v1/grants/{grant_id}/tickets/{ticket_id}",
        summary="Revoke a bearer ticket: its address gives nothing from now on",
        status_code=status.HTTP_204_NO_CONTENT,
        responses=documented(401, 403, 404, 422, 503),
    )
    async def delete_ticket(grant_id: UUID, ticket_id: UUID, caller: Asking) -> None:
        async with database.begin() as tx:
            await revoke_bearer_ticket(tx, caller, grant_id, ticket_id, clock())

    async def follow(bearer: Bearer, request: Request) -> Response:
        """Whatever the last part of the path is: the bearer stands for the file."""
        try:
            return await _followed(dependencies, bearer, request)
        except ServiceError as error:
            if not wants_page(request):
                raise
            return refusal_page(error, dependencies.ticket_origin)

    for method in ("GET", "HEAD"):
        router.add_api_route(
            "/t/{bearer}/{file}",
            follow,
            methods=[method],
            summary="Take a file by a bearer ticket" if method == "GET" else "Look at a file",
            operation_id=f"{method.lower()}_bearer_ticket",
            response_class=Response,
            responses=_GIVEN | documented(403, 404, 410, 412, 422, 503),
        )
    return router


async def _followed(dependencies: Dependencies, bearer: str, request: Request) -> Response:
    at = dependencies.clock()
    grant, rendition = await redeem_bearer(
        dependencies.database,
        bearer,
        at,
        seconds=dependencies.signer.seconds,
        record=request.method == "GET",
        ticket_url=dependencies.ticket_url,
    )
    if wants_json(request):
        return link_answer(dependencies.signer, grant, rendition, at)
    file = rendition_file(rendition, rendition.file, grant.grant_id, grant.account_id)
    return await answer(request, file, dependencies.source)
