"""The list of videos, and one video with all that there is to know and to take."""

import asyncio
import re
from typing import Annotated, TypeAlias
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import HTMLResponse, Response

from newsreel_runtime.errors import ServiceError
from portal.domain.places import Home, VideoPage, path_of
from portal.errors import no_such_page
from portal.inbound_http.arrival import visit_check
from portal.inbound_http.site import Site
from portal.inbound_http.visit import Visit
from portal.representations.linked_data import video_object
from portal.usecases.open_video import open_video

_CURSOR = re.compile(r"[A-Za-z0-9._~:=-]{1,512}")
_SECOND = re.compile("[0-9]{1,6}")


def create_router(site: Site) -> APIRouter:
    router = APIRouter(default_response_class=HTMLResponse)
    Checked: TypeAlias = Annotated[Visit, Depends(visit_check(site))]

    @router.get("/", summary="The list of videos, newest first")
    async def home(visit: Checked, cursor: str | None = None) -> Response:
        if cursor is not None and not _CURSOR.fullmatch(cursor):
            raise no_such_page()
        try:
            listing, reader = await asyncio.gather(site.catalog.videos(cursor), visit.reader())
        except ServiceError as error:
            # A cursor that the catalog does not take comes from a mistyped or very old address.
            raise error if error.status == 503 else no_such_page() from error
        here = path_of(Home())
        return visit.page("home.html", listing=listing, older=cursor is not None, reader=reader, here=here)

    @router.get("/videos/{video_id}", summary="One video: texts, files, shotlist, transcript")
    async def video(
        visit: Checked, video_id: UUID, rendition: str | None = None, t: str | None = None
    ) -> Response:
        opened, reader = await asyncio.gather(
            open_video(site.catalog, video_id, visit.languages), visit.reader()
        )
        second = int(t) if t and _SECOND.fullmatch(t) else None
        offered = {*opened.video.title, *opened.video.transcript_languages}
        here = path_of(VideoPage(video_id))
        return visit.page(
            "video.html",
            video=opened.video,
            linked_data=video_object(
                opened.video, visit.languages, f"{site.origin}{here}", site.poster(video_id)
            ),
            transcript=opened.transcript,
            offered=[language for language in visit.languages if language in offered],
            wanted=rendition,
            sought=opened.transcript.anchor_at(second) if opened.transcript else None,
            reader=reader,
            here=here,
        )

    return router
