"""The press office's own routes: what no reader sees, and what is done to a published video."""

import re
from typing import Annotated, Any, TypeAlias
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Response

from catalog import errors
from catalog.domain.editorial import Note
from catalog.domain.video import Status, Stop, Video
from catalog.inbound_http.editors import EDITOR, PRESS_OFFICE, Editors, editor_check
from catalog.representations.editorial import EditRequest, NoteRequest, StopRequest
from catalog.representations.editorial_bodies import EditorialBody, HistoryBody, ListBody
from catalog.store import editorial, videos
from catalog.usecases.edit_video import edit_video
from catalog.usecases.release_video import release_video
from catalog.usecases.stop_video import stop_video
from newsreel_runtime.clock import now
from newsreel_runtime.database import Database
from newsreel_runtime.http.problems import documented

_VERSION = re.compile('"([1-9][0-9]{0,8})"')
_TAGGED: dict[int | str, dict[str, Any]] = {
    200: {"headers": {"ETag": {"description": "The version.", "schema": {"type": "string"}}}}
}
_LOOKS = documented(401, 403, 404, 422, 503)
_ACTS = _TAGGED | documented(400, 401, 403, 404, 409, 412, 413, 422, 428, 503)

IfMatch = Annotated[str | None, Header(description="The ETag of the video that was looked at; needed.")]
OfStatus = Annotated[Status | None, Query(description="Only videos of this status.")]
Limit = Annotated[int, Query(ge=1, le=500, description="How many at most.")]


def create_router(database: Database, editors: Editors) -> APIRouter:
    router = APIRouter(prefix="/v1/editorial/videos", tags=["editorial"])
    Looking: TypeAlias = Annotated[str, Depends(editor_check(editors, EDITOR, PRESS_OFFICE))]
    Acting: TypeAlias = Annotated[str, Depends(editor_check(editors, PRESS_OFFICE))]

    @router.get("", responses=documented(401, 403, 422, 503))
    async def listed(_: Looking, status: OfStatus = None, limit: Limit = 50) -> ListBody:
        """Videos whatever their status, the newest first. For editors and the press office."""
        async with database.read() as sql:
            return ListBody.of(await editorial.list_all(sql, status, limit))

    @router.get("/{video_id}", responses=_TAGGED | _LOOKS)
    async def shown(_: Looking, video_id: UUID, response: Response) -> EditorialBody:
        """A video, whatever its status. For editors and the press office."""
        async with database.read() as sql:
            video = await videos.find_video(sql, video_id)
        return _answer(video, response)

    @router.get("/{video_id}/history", responses=_LOOKS)
    async def history(_: Looking, video_id: UUID) -> HistoryBody:
        """Who did what, when and why. For editors and the press office."""
        async with database.read() as sql:
            if await videos.find_standing(sql, video_id) is None:
                raise errors.video_unknown()
            return HistoryBody.of(await editorial.history(sql, video_id))

    @router.patch("/{video_id}", responses=_ACTS)
    async def edit(
        editor: Looking, video_id: UUID, body: EditRequest, response: Response, if_match: IfMatch = None
    ) -> EditorialBody:
        """Other texts for a video: a revision, unless nothing differs. For editors and the press office."""
        version, note = _version(if_match), Note(editor, body.why, now())
        async with database.begin() as tx:
            edited = await edit_video(tx, video_id, body.edit(), note, version=version)
        return _answer(edited, response)

    @router.post("/{video_id}/withhold", responses=_ACTS)
    async def withhold(
        editor: Acting, video_id: UUID, body: StopRequest, response: Response, if_match: IfMatch = None
    ) -> EditorialBody:
        """Stop a usable video for now. For the press office."""
        version = _version(if_match)
        stop, note = Stop(body.reason, body.note), Note(editor, body.why, now())
        async with database.begin() as tx:
            stopped = await stop_video(tx, video_id, "withheld", stop, note, version=version)
        return _answer(stopped, response)

    @router.post("/{video_id}/release", responses=_ACTS)
    async def release(
        editor: Acting, video_id: UUID, body: NoteRequest, response: Response, if_match: IfMatch = None
    ) -> EditorialBody:
        """A withheld video is usable again. For the press office."""
        version = _version(if_match)
        async with database.begin() as tx:
            released = await release_video(tx, video_id, Note(editor, body.why, now()), version=version)
        return _answer(released, response)

    @router.post("/{video_id}/withdraw", responses=_ACTS)
    async def withdraw(
        editor: Acting, video_id: UUID, body: StopRequest, response: Response, if_match: IfMatch = None
    ) -> EditorialBody:
        """Take a video back for good. For the press office."""
        version = _version(if_match)
        stop, note = Stop(body.reason, body.note), Note(editor, body.why, now())
        async with database.begin() as tx:
            stopped = await stop_video(tx, video_id, "withdrawn", stop, note, version=version)
        return _answer(stopped, response)

    return router


def _answer(video: Video | None, response: Response) -> EditorialBody:
    if video is None:
        raise errors.video_unknown()
    response.headers["ETag"] = f'"{video.version}"'
    response.headers["Cache-Control"] = "private, no-store"
    return EditorialBody.of(video)


def _version(if_match: str | None) -> int:
    """Raises `ServiceError`: version-missing without a tag, version-passed for one that no version has."""
    if if_match is None:
        raise errors.version_missing()
    found = _VERSION.fullmatch(if_match.strip())
    if found is None:
        raise errors.version_unknown()
    return int(found[1])
