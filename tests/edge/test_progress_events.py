"""What became of a mail passes the edge as it happens, and not when the stream is over."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx

from identity.store import codes
from newsreel_runtime.clock import now
from newsreel_testing.edges import Edge
from newsreel_testing.portal import Portal


async def events(stream: httpx.Response) -> AsyncIterator[Any]:
    """The data of each (HTML, server-sent events)."""
    async for line in stream.aiter_lines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


async def test_an_event_is_not_held_back(edge: Edge, portal: Portal) -> None:
    await portal.post("/forgot", address=portal.address)
    headers = {"Accept": "text/event-stream"}
    async with (
        httpx.AsyncClient(base_url=edge.origin, cookies=portal.cookies(), timeout=20) as client,
        client.stream("GET", "/forgot/code/progress", headers=headers) as stream,
    ):
        told = events(stream)
        assert (await anext(told))["state"] == "queued"
        async with portal.services.identity.database.begin() as tx:
            challenge_id = await tx.sql.fetchval("SELECT max(challenge_id::text)::uuid FROM challenge")
            codes.record_accepted(tx, challenge_id, 1, now())
        assert (await anext(told))["state"] == "accepted"
