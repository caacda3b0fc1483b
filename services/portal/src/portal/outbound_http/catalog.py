"""Catalog: published videos and their transcripts, for everybody."""

from collections.abc import Mapping
from uuid import UUID

import httpx

from portal.domain.feeds import Newest
from portal.domain.moments import Answer
from portal.domain.videos import Listing, Transcript, Video
from portal.outbound_http.backend import Backend


class Catalog:
    """Every method raises ServiceError: the catalog's problem, or 503 when it does not answer."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._backend = Backend("catalog", client)

    async def videos(self, cursor: str | None, limit: int = 12) -> Listing:
        """One page of the list; `cursor` is a `next_cursor` that the catalog gave."""
        query = {"limit": str(limit)} | ({"cursor": cursor} if cursor else {})
        return await self._backend.ask(Listing, "GET", "/v1/videos", params=query)

    async def newest(self, limit: int, language: str | None, genre: str | None) -> Newest:
        """The newest videos, of a spoken language and of a genre unless None; 422 for what is no genre."""
        filters = {"language": language, "genre": genre}
        query = {"limit": str(limit)} | {name: value for name, value in filters.items() if value is not None}
        return await self._backend.ask(Newest, "GET", "/v1/videos", params=query)

    async def search(self, typed: str, order: str, cursor: str | None) -> Answer:
        """One page of the moments that answer what was typed; `order` is `newest` or `relevance`."""
        query = {"q": typed, "order": order} | ({"cursor": cursor} if cursor else {})
        return await self._backend.ask(Answer, "GET", "/v1/search", params=query)

    async def video(self, video_id: UUID) -> Video:
        """One video; 404 `video-unknown`."""
        return await self._backend.ask(Video, "GET", f"/v1/videos/{video_id}")

    async def transcript(self, video_id: UUID, language: str) -> Transcript:
        """The transcript in one of the video's `transcript_languages`; 404 otherwise."""
        path = f"/v1/videos/{video_id}/transcripts/{language}"
        return await self._backend.ask(Transcript, "GET", path)

    async def transcript_file(
        self, video_id: UUID, language: str, ending: str, conditions: Mapping[str, str]
    ) -> httpx.Response:
        """The same as a file, or 304 by the conditions; 404 `transcript-unknown`."""
        path = f"/v1/videos/{video_id}/transcripts/{language}.{ending}"
        return await self._backend.call("GET", path, headers=conditions)
