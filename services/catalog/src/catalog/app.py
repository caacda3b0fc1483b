"""The composition root."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from catalog.inbound_http import video_routes
from catalog.settings import Settings
from newsreel_runtime.database import Database
from newsreel_runtime.http.app import create_app
from newsreel_runtime.publisher.relay import Relay
from newsreel_runtime.service import Service


@asynccontextmanager
async def compose(settings: Settings | None = None) -> AsyncIterator[Service]:
    """The service, from its settings (the environment's unless given)."""
    settings = settings or Settings()
    async with Database.open(settings.postgres) as database:
        yield Service(
            name="catalog",
            http=http(database),
            listen=settings.http,
            database=database,
            relay=Relay(settings.kafka, database, service="catalog"),
        )


def http(database: Database) -> FastAPI:
    """The HTTP side."""
    app = create_app(
        title="Newsreel catalog",
        summary="Videos, their renditions and their transcripts. Public: no token is needed.",
        trusts_callers=True,
    )
    app.include_router(video_routes(database))
    return app
