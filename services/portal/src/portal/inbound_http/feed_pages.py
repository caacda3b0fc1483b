"""Feeds of what is published: the newest videos, for readers of feeds and for newsrooms' systems."""

from collections.abc import Callable
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from newsreel_runtime.errors import ServiceError
from portal.domain.languages import preferred
from portal.domain.places import Home, VideoPage, path_of
from portal.errors import no_such_page
from portal.inbound_http.conditional import answer_bytes
from portal.inbound_http.site import Site
from portal.inbound_http.translations import translatable, translations
from portal.representations import json_feed, rss
from portal.representations.feed import Feed, entry_of

_NEWEST = 50
_FORMATS: dict[str, tuple[str, Callable[[Feed], bytes]]] = {
    "rss": (rss.MEDIA_TYPE, rss.rss),
    "json": (json_feed.MEDIA_TYPE, json_feed.json_feed),
}

Spoken = Annotated[
    str | None, Query(pattern="^[a-z]{2,3}$", description="Only videos spoken in this language.")
]
OfGenre = Annotated[str | None, Query(pattern="^[a-z_]{1,40}$", description="Only videos of this genre.")]


def create_router(site: Site) -> APIRouter:
    router = APIRouter()

    @router.get("/feeds/videos.{ending}", response_class=Response, summary="The newest videos, as a feed")
    async def feed(
        request: Request,
        ending: Literal["rss", "json"],
        lang: str | None = None,
        language: Spoken = None,
        genre: OfGenre = None,
    ) -> Response:
        try:
            newest = await site.catalog.newest(_NEWEST, language, genre)
        except ServiceError as error:
            # A genre that the catalog does not know comes from a mistyped address.
            raise error if error.status == 503 else no_such_page() from error
        order = preferred((lang,), request.headers.get("accept-language", ""))
        # An address that names its language leads to pages in that language.
        chosen = {"lang": order[0]} if lang == order[0] else {}
        filters = {"language": language, "genre": genre}
        own = chosen | {name: value for name, value in filters.items() if value is not None}
        texts = translations(order[0])
        told = Feed(
            address=_address(site, request.url.path, own),
            home=_address(site, path_of(Home()), chosen),
            language=order[0],
            title=f"Newsreel \N{EN DASH} {texts.gettext(translatable('Videos'))}",
            description=texts.gettext(
                translatable("Broadcast-quality video, with shotlists and transcripts, free of charge.")
            ),
            entries=tuple(
                entry_of(
                    video,
                    order,
                    _address(site, path_of(VideoPage(video.id)), chosen),
                    site.poster(video.id),
                )
                for video in newest.items
            ),
        )
        media_type, write = _FORMATS[ending]
        return answer_bytes(request, write(told), media_type, "Accept-Language")

    return router


def _address(site: Site, path: str, query: dict[str, str]) -> str:
    return f"{site.origin}{path}?{urlencode(query)}" if query else f"{site.origin}{path}"
