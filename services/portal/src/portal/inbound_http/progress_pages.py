"""What became of the mail with the code: as JSON, and as it happens (server-sent events, HTML §9.2)."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Annotated, TypeAlias

from fastapi import APIRouter, Depends
from starlette.responses import JSONResponse, Response, StreamingResponse

from newsreel_runtime.errors import ServiceError
from newsreel_runtime.http.problems import documented
from newsreel_runtime.http.problems import response as problem
from portal.domain.flow import Challenge
from portal.errors import no_code_expected, too_many_waiting
from portal.inbound_http.arrival import visit_check
from portal.inbound_http.code_pages import CODE_PAGES, CodePage
from portal.inbound_http.site import Site
from portal.inbound_http.told import Told, tell
from portal.inbound_http.visit import Visit

_STREAMS = 200  # at once, in one process
_LIFE = 8.0  # seconds of a stream, less than a process has to stop: the browser comes again by itself
_PAUSE = 1.0  # seconds between two looks
_SOON, _LATER = 1_000, 30_000  # milliseconds until it comes again
_EVENTS = "text/event-stream"


def create_router(site: Site) -> APIRouter:
    router = APIRouter()
    places = asyncio.Semaphore(_STREAMS)
    for code_page in CODE_PAGES.values():
        _add_page(router, site, code_page, places)
    return router


def _add_page(router: APIRouter, site: Site, code_page: CodePage, places: asyncio.Semaphore) -> None:
    Checked: TypeAlias = Annotated[Visit, Depends(visit_check(site))]

    @router.get(
        f"{code_page.path}/progress",
        summary=f"What became of the mail of a {code_page.noun}",
        response_class=JSONResponse,
        responses=documented(404, 503),
    )
    async def progress(visit: Checked) -> Response:
        """JSON, or with `Accept: text/event-stream` events named `progress` of the same JSON."""
        challenge = visit.flow.latest(code_page.purpose)
        try:
            if challenge is None:
                raise no_code_expected()
            told = await tell(visit, challenge)
            if _EVENTS not in visit.request.headers.get("accept", ""):
                return JSONResponse(asdict(told))
            if places.locked():
                raise too_many_waiting()
        except ServiceError as error:
            return problem(error)
        headers = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}
        return StreamingResponse(_events(visit, challenge, told, places), media_type=_EVENTS, headers=headers)


async def _events(
    visit: Visit, challenge: Challenge, told: Told, places: asyncio.Semaphore
) -> AsyncIterator[str]:
    async with places:
        ends = time.monotonic() + _LIFE
        yield _event(told)
        while told.may_change_soon and time.monotonic() < ends:
            await asyncio.sleep(_PAUSE)
            try:
                newer = await tell(visit, challenge)
            except ServiceError:
                return
            if newer != told:
                yield _event(newer)
            told = newer


def _event(told: Told) -> str:
    again = _SOON if told.may_change_soon else _LATER
    return f"retry: {again}\nevent: progress\ndata: {json.dumps(asdict(told))}\n\n"
