"""The search: who said what, and in which second."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from catalog.domain.search.place import CURSOR_PATTERN
from catalog.domain.search.question import LONGEST
from catalog.inbound_http.conditional import answer
from catalog.representations.search_bodies import SearchBody
from catalog.usecases.search_moments import search_moments
from newsreel_runtime.database import Database
from newsreel_runtime.http.problems import documented

_UNCHANGED: dict[int | str, dict[str, Any]] = {
    304: {"description": "Not changed since the ETag in If-None-Match"}
}

Typed = Annotated[
    str,
    Query(
        description="Words, “phrases in quotation marks” and `speaker:` `place:` `event:` `lang:` `from:` "
        f"`to:` `has:captions`. Whatever is typed is understood somehow, its first {LONGEST} letters; "
        "`question` in the answer says how."
    ),
]
Limit = Annotated[int, Query(ge=1, le=50, description="How many moments at most.")]
Cursor = Annotated[
    str | None,
    Query(
        description="`next_cursor` of an earlier page, whose order goes on.",
        json_schema_extra={"pattern": CURSOR_PATTERN},
    ),
]
InOrder = Annotated[
    Literal["newest", "relevance"],
    Query(description="By the day of recording, or the best of the newest thousand first."),
]


def create_router(database: Database) -> APIRouter:
    router = APIRouter(prefix="/v1/search", tags=["search"])

    @router.get("", response_model=SearchBody, responses={**_UNCHANGED, **documented(422)})
    async def search(
        request: Request, q: Typed = "", order: InOrder = "newest", limit: Limit = 20, cursor: Cursor = None
    ) -> Response:
        """The moments in which something is said, with the speaker and the words."""
        async with database.read() as sql:
            page = await search_moments(sql, typed=q, order=order, limit=limit, cursor=cursor)
        return answer(request, SearchBody.of(page))

    return router
