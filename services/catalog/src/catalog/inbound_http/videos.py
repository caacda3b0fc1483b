"""The list, and a video; each answer can be asked for again with its ETag."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from catalog import errors
from catalog.domain.paging import CURSOR_PATTERN
from catalog.domain.video import Genre
from catalog.inbound_http.conditional import answer
from catalog.representations.bodies import VideoBody, VideosBody
from catalog.store.videos import find_video
from catalog.usecases.list_videos import list_videos
from newsreel_runtime.database import Database
from newsreel_runtime.http.problems import documented

_LANGUAGE = r"^[a-z]{2,3}$"
_UNCHANGED: dict[int | str, dict[str, Any]] = {
    304: {"description": "Not changed since the ETag in If-None-Match"}
}

Limit = Annotated[int, Query(ge=1, le=100, description="How many videos at most.")]
Cursor = Annotated[
    str | None,
    # the pattern is for readers of the document: a cursor that breaks it is refused with words of its own
    Query(description="`next_cursor` of an earlier page.", json_schema_extra={"pattern": CURSOR_PATTERN}),
]
Spoken = Annotated[str | None, Query(pattern=_LANGUAGE, description="Only videos spoken in this language.")]
OfGenre = Annotated[Genre | None, Query(description="Only videos of this genre.")]


def create_router(database: Database) -> APIRouter:
    router = APIRouter(prefix="/v1/videos", tags=["videos"])

    @router.get("", response_model=VideosBody, responses={**_UNCHANGED, **documented(422)})
    async def videos(
        request: Request,
        limit: Limit = 20,
        cursor: Cursor = None,
        language: Spoken = None,
        genre: OfGenre = None,
    ) -> Response:
        """The published videos, newest first."""
        async with database.read() as sql:
            page = await list_videos(sql, limit=limit, cursor=cursor, language=language, genre=genre)
        return answer(request, VideosBody.of(page))

    @router.get(
        "/{video_id}", response_model=VideoBody, responses={**_UNCHANGED, **documented(403, 404, 410, 422)}
    )
    async def video(request: Request, video_id: UUID) -> Response:
        """One video: texts, people, rights, shotlist, renditions."""
        async with database.read() as sql:
            found = await find_video(sql, video_id)
        if found is None:
            raise errors.video_unknown()
        if found.stop is not None:
            raise errors.video_stopped(found.status, found.stop.reason, found.stop.note)
        return answer(request, VideoBody.of(found))

    return router
