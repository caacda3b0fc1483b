"""The search: a question is a link, so that it can be sent on, and works without a script."""

import asyncio
import re
from typing import Annotated, TypeAlias

from fastapi import APIRouter, Depends
from starlette.responses import HTMLResponse, Response

from newsreel_runtime.errors import ServiceError
from portal.domain.places import Home, path_of
from portal.errors import no_such_page
from portal.inbound_http.arrival import visit_check
from portal.inbound_http.site import Site
from portal.inbound_http.visit import Visit

_CURSOR = re.compile(r"[A-Za-z0-9._~:=-]{1,512}")
_LONGEST = 500  # letters; the catalog does not look at more


def create_router(site: Site) -> APIRouter:
    router = APIRouter(default_response_class=HTMLResponse)
    Checked: TypeAlias = Annotated[Visit, Depends(visit_check(site))]

    @router.get("/search", summary="The moments in which something is said")
    async def search(
        visit: Checked, q: str = "", order: str = "newest", cursor: str | None = None
    ) -> Response:
        if cursor is not None and not _CURSOR.fullmatch(cursor):
            raise no_such_page()
        typed, order = q.strip()[: _LONGEST + 1], "relevance" if order == "relevance" else "newest"
        try:
            found, reader = await asyncio.gather(site.catalog.search(typed, order, cursor), visit.reader())
        except ServiceError as error:
            # A cursor that the catalog does not take comes from a mistyped or very old address.
            raise error if error.status == 503 else no_such_page() from error
        return visit.page(
            "search.html",
            typed=typed[:_LONGEST],
            order=order,
            found=found,
            later=cursor is not None,
            reader=reader,
            here=path_of(Home()),
        )

    return router
