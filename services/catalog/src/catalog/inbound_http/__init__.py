"""HTTP in: parse, read, answer."""

from fastapi import FastAPI

from catalog.inbound_http import editorial, search, transcripts, videos
from catalog.inbound_http.editors import Editors
from newsreel_runtime.database import Database
from newsreel_runtime.http.app import create_app


def create_http(database: Database, searched: Database, editors: Editors | None = None) -> FastAPI:
    """The API of the catalog; `searched` is the same database through connections of the search's own.

    Without `editors` it has no routes for them.
    """
    app = create_app(
        title="Newsreel catalog",
        summary="Videos, their renditions and their transcripts. Public: only editors' routes take a token.",
        trusts_callers=True,
    )
    app.include_router(videos.create_router(database))
    app.include_router(transcripts.create_router(database))
    app.include_router(search.create_router(searched))
    if editors is not None:
        app.include_router(editorial.create_router(database, editors))
    return app
