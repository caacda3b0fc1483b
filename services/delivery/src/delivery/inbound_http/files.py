"""Renditions by signed URL, and public posters: what the edge asks before it sends a file."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote
from uuid import UUID

from fastapi import APIRouter, Request, Response

from delivery import errors, store
from delivery.domain.grant import Grant, Rendition
from delivery.domain.signed_url import BACKDATED_SECONDS, Link, LinkExpiredError, LinkRefusedError
from delivery.inbound_http.dependencies import Dependencies
from delivery.inbound_http.edge_answer import answer, rendition_file
from delivery.inbound_http.edge_file import EdgeFile
from delivery.inbound_http.refusal_page import refusal_page, wants_page
from delivery.usecases.follow_link import follow_link
from delivery.usecases.refuse_download import refuse_download
from newsreel_runtime.errors import ServiceError
from newsreel_runtime.http.problems import documented

_POSTER_SECONDS = 300  # how long a poster of a video that was taken back may live on in caches
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_SIGNED = {
    "e": "When the URL expires, Unix seconds.",
    "n": "When it begins to be valid, Unix seconds.",
    "k": "The id of the key.",
    "g": "The grant.",
    "d": "The file name to save under, percent-encoded.",
    "s": "The signature, base64url.",
}
_PARAMETERS = [
    {"name": name, "in": "query", "required": True, "description": text, "schema": {"type": "string"}}
    for name, text in _SIGNED.items()
]


def _documented(media_type: str, *problems: int) -> dict[int | str, dict[str, Any]]:
    answers: dict[int | str, dict[str, Any]] = {
        200: {"description": "The whole file.", "content": {media_type: _BINARY}},
        206: {"description": "The range asked for.", "content": {media_type: _BINARY}},
        304: {"description": "The copy at hand is the same."},
    }
    return answers | documented(*problems)


def create_router(dependencies: Dependencies) -> APIRouter:
    """Renditions by signed URL, and public posters."""
    database, source = dependencies.database, dependencies.source
    router = APIRouter(tags=["files"])

    async def rendition(rendition_id: str, request: Request) -> Response:
        try:
            # first: what was not signed here reaches no database
            link = await _judged(dependencies, request)
            grant, found = await _taken(dependencies, request, link, UUID(rendition_id))
            # whatever the file was called when the URL was signed: the id stands for the bytes
            file = rendition_file(found, unquote(link.name), grant.grant_id, grant.account_id)
            return await answer(request, file, source)
        except ServiceError as error:
            if not wants_page(request):
                raise
            return refusal_page(error, dependencies.ticket_origin)

    async def poster(video_id: UUID, request: Request) -> Response:
        async with database.read() as sql:
            found = await store.find_poster(sql, video_id)
        if found is None:
            raise errors.poster_unknown()
        name, sha256 = found
        headers = {"Cache-Control": f"public, max-age={_POSTER_SECONDS}"}
        file = EdgeFile(f"posters/{name}", "image/jpeg", sha256, headers=headers)
        try:
            return await answer(request, file, source)
        except ServiceError:
            raise errors.poster_unknown() from None

    for method in ("GET", "HEAD"):
        router.add_api_route(
            "/r/{rendition_id}/{file}",
            rendition,
            methods=[method],
            summary="Take a file by its signed URL" if method == "GET" else "Look at a file",
            operation_id=f"{method.lower()}_rendition",
            response_class=Response,
            responses=_documented("application/octet-stream", 403, 404, 410, 412, 422, 503),
            openapi_extra={"parameters": _PARAMETERS},
        )
        router.add_api_route(
            "/posters/{video_id}.jpg",
            poster,
            methods=[method],
            summary="Look at a video's poster" if method == "GET" else "See whether a poster changed",
            operation_id=f"{method.lower()}_poster",
            response_class=Response,
            responses=_documented("image/jpeg", 404, 412, 422, 503),
        )
    return router


async def _judged(dependencies: Dependencies, request: Request) -> Link:
    path = request.scope["raw_path"].decode("latin-1")
    query = request.scope["query_string"].decode("latin-1")
    try:
        return dependencies.edge.check(path, query, dependencies.clock())
    except LinkExpiredError as expired:
        problem = errors.link_expired(dependencies.ticket_url(expired.grant))
        await _refuse(dependencies, request, expired.grant, problem)
        raise problem from None
    except LinkRefusedError:
        raise errors.link_refused() from None


async def _taken(
    dependencies: Dependencies, request: Request, link: Link, rendition_id: UUID
) -> tuple[Grant, Rendition]:
    issued_at, ticket = link.not_before + BACKDATED_SECONDS, dependencies.ticket_url(link.grant)
    moment = datetime.fromtimestamp(issued_at, UTC)
    try:
        async with dependencies.database.read() as sql:
            return await follow_link(sql, UUID(link.grant), rendition_id, moment, ticket)
    except ServiceError as problem:
        await _refuse(dependencies, request, link.grant, problem)
        raise


async def _refuse(dependencies: Dependencies, request: Request, grant: str, problem: ServiceError) -> None:
    if request.method == "GET":
        await refuse_download(dependencies.database, UUID(grant), problem, dependencies.clock())
