"""Delivery: grants, what a person was granted, and the file or the signed URL behind a ticket."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import httpx

from portal.domain.downloads import Downloads, NewTicket
from portal.errors import away
from portal.outbound_http.backend import Backend


@dataclass(frozen=True)
class _Granted:
    grant_id: UUID


class Delivery:
    """Every method raises ServiceError: delivery's problem, or 503 when it does not answer."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._backend = Backend("delivery", client)

    async def grant(self, access_token: str, video_id: UUID, rendition_id: UUID) -> UUID:
        """The account's grant for the rendition, new or still live."""
        body = {"video_id": str(video_id), "rendition_id": str(rendition_id)}
        granted = await self._backend.ask(_Granted, "POST", "/v1/grants", bearer=access_token, json=body)
        return granted.grant_id

    async def downloads(self, access_token: str, cursor: UUID | None) -> Downloads:
        """One page of the account's grants; `cursor` is a `next_cursor` that delivery gave."""
        query = {} if cursor is None else {"cursor": str(cursor)}
        return await self._backend.ask(Downloads, "GET", "/v1/downloads", bearer=access_token, params=query)

    async def revoke(self, access_token: str, grant_id: UUID) -> None:
        """Take the grant back for good; 404 `grant-unknown`, also for somebody else's."""
        await self._backend.call("DELETE", f"/v1/downloads/{grant_id}", bearer=access_token)

    async def make_ticket(self, access_token: str, grant_id: UUID) -> NewTicket:
        """A bearer ticket of the account's grant; 409 `tickets-too-many`."""
        path = f"/v1/grants/{grant_id}/tickets"
        return await self._backend.ask(NewTicket, "POST", path, bearer=access_token)

    async def revoke_ticket(self, access_token: str, grant_id: UUID, ticket_id: UUID) -> None:
        """End one bearer ticket; 404 `ticket-unknown`."""
        await self._backend.call("DELETE", f"/v1/grants/{grant_id}/tickets/{ticket_id}", bearer=access_token)

    async def signed_url(self, access_token: str, grant_id: UUID, method: str = "GET") -> str:
        """The short-lived address of the bytes; 404 `grant-unknown`, also for somebody else's grant."""
        response = await self._backend.call(method, f"/download/{grant_id}", bearer=access_token)
        location = response.headers.get("location")
        if response.status_code != 307 or not location:
            raise away("delivery")
        return str(location)

    async def file(
        self, access_token: str, grant_id: UUID, method: str, conditions: Mapping[str, str]
    ) -> httpx.Response:
        """What delivery tells the edge: the file to send (200), nothing new (304), nothing in range (416)."""
        path = f"/v1/grants/{grant_id}/file"
        told = await self._backend.call(method, path, bearer=access_token, headers=conditions)
        if told.status_code not in {304, 416} and "x-accel-redirect" not in told.headers:
            raise away("delivery")
        return told
