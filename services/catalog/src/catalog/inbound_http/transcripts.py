"""The words of a video: as JSON, and as files that players and people read."""

from typing import Annotated, Any, get_args
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from starlette.responses import PlainTextResponse

from catalog import errors
from catalog.inbound_http.conditional import answer, answer_bytes
from catalog.representations.bodies import TranscriptBody
from catalog.representations.transcript_formats import MEDIA_TYPES, WRITERS, Ending
from catalog.store.transcripts import find_transcript
from catalog.store.videos import Standing, find_standing
from newsreel_runtime.database import Database
from newsreel_runtime.http.problems import documented
from newsreel_runtime.sql import Sql

_UNCHANGED: dict[int | str, dict[str, Any]] = {
    304: {"description": "Not changed since the ETag in If-None-Match"}
}
_FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "WebVTT with voices, SRT with names before the words, or text without times",
        "content": {MEDIA_TYPES[ending]: {"schema": {"type": "string"}} for ending in get_args(Ending)},
    }
}

InLanguage = Annotated[str, Path(pattern="^[a-z]{2,3}$", description="One of `transcript_languages`.")]
FileEnding = Annotated[Ending, Path(description="Which format.")]


def create_router(database: Database) -> APIRouter:
    router = APIRouter(prefix="/v1/videos/{video_id}/transcripts", tags=["videos"])

    @router.get(
        "/{language}.{ending}",
        response_class=PlainTextResponse,
        responses={**_FILES, **_UNCHANGED, **documented(403, 404, 410, 422)},
    )
    async def transcript_file(
        request: Request, video_id: UUID, language: InLanguage, ending: FileEnding
    ) -> Response:
        """What is said in a video, in one language, as a file."""
        async with database.read() as sql:
            found = await find_transcript(sql, video_id, language)
            standing = await _shown(sql, video_id)
        if found is None:
            raise errors.transcript_unknown()
        content = WRITERS[ending](found[1]).encode()
        return answer_bytes(
            request, content, MEDIA_TYPES[ending], f"{standing.reference}.{language}.{ending}"
        )

    @router.get(
        "/{language}",
        response_model=TranscriptBody,
        responses={**_UNCHANGED, **documented(403, 404, 410, 422)},
    )
    async def transcript(request: Request, video_id: UUID, language: InLanguage) -> Response:
        """What is said in a video, in one language, timed and with the names of the speakers."""
        async with database.read() as sql:
            found = await find_transcript(sql, video_id, language)
            await _shown(sql, video_id)
        if found is None:
            raise errors.transcript_unknown()
        return answer(request, TranscriptBody.of(video_id, *found))

    return router


async def _shown(sql: Sql, video_id: UUID) -> Standing:
    """The video that the words are of.

    Raises `ServiceError`: transcript-unknown, video-withheld, video-withdrawn.
    """
    standing = await find_standing(sql, video_id)
    if standing is None:
        raise errors.transcript_unknown()
    if standing.stop is not None:
        raise errors.video_stopped(standing.status, standing.stop.reason, standing.stop.note)
    return standing
