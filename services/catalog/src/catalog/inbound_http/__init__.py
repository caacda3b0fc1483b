"""HTTP in: parse, read, answer."""

from fastapi import FastAPI

from catalog.inbound_http import search, transcripts, videos
from newsreel_runtime.database import Database
from newsreel_runtime.http.app import create_app


def create_http(database: Database, searched: Database) -> FastAPI:
    """The API of the catalog; `searched` is the same database through connections of the search's own."""
    app = create_app(
        title="Newsreel catalog",
        summary="Videos, their renditions and their transcripts. Public: no token is needed.",
        trusts_callers=True,
    )
    app.include_router(videos.create_router(database))
    app.include_router(transcripts.create_router(database))
    app.include_router(search.create_router(searched))
    return app
