"""Transcripts to take home: captions for players, or text. They are small, so they pass through here."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from portal.inbound_http.site import Site

_PASSED_ON = ("Content-Type", "Content-Disposition", "ETag", "Cache-Control")

InLanguage = Annotated[str, Path(pattern="^[a-z]{2,3}$")]


def create_router(site: Site) -> APIRouter:
    router = APIRouter()

    @router.get(
        "/videos/{video_id}/transcripts/{language}.{ending}",
        response_class=Response,
        summary="What is said in a video, as a file",
    )
    async def transcript_file(
        request: Request, video_id: UUID, language: InLanguage, ending: Literal["vtt", "srt", "txt"]
    ) -> Response:
        named = ", ".join(request.headers.getlist("if-none-match"))
        conditions = {"If-None-Match": named} if named else {}
        told = await site.catalog.transcript_file(video_id, language, ending, conditions)
        headers = {name: told.headers[name] for name in _PASSED_ON if name in told.headers}
        return Response(told.content, told.status_code, headers)

    return router
