"""Catalog: published videos and their transcripts, for everybody."""

from uuid import UUID

import httpx
from pydantic import TypeAdapter

from portal.domain.videos import Listing, Transcript, Video
from portal.outbound_http.backend import Backend

_LISTING = TypeAdapter(Listing)
_VIDEO = TypeAdapter(Video)
_TRANSCRIPT = TypeAdapter(Transcript)


class Catalog:
    """Every method raises ServiceError: the catalog's problem, or 503 when it does not answer."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._backend = Backend("catalog", client)

    async def videos(self, cursor: str | None, limit: int = 12) -> Listing:
        """One page of the list; `cursor` is a `next_cursor` that the catalog gave."""
        query = {"limit": str(limit)} | ({"cursor": cursor} if cursor else {})
        return self._backend.understood(_LISTING, await self._backend.call("GET", "/v1/videos", query=query))

    async def video(self, video_id: UUID) -> Video:
        """One video; 404 `video-unknown`."""
        return self._backend.understood(_VIDEO, await self._backend.call("GET", f"/v1/videos/{video_id}"))

    async def transcript(self, video_id: UUID, language: str) -> Transcript:
        """The transcript in one of the video's `transcript_languages`; 404 otherwise."""
        path = f"/v1/videos/{video_id}/transcripts/{language}"
        return self._backend.understood(_TRANSCRIPT, await self._backend.call("GET", path))
