"""HTTP in: parse, open a transaction, call one use case."""

from fastapi import FastAPI

from delivery.inbound_http import bearer_tickets, downloads, files, tickets
from delivery.inbound_http.dependencies import Dependencies
from newsreel_runtime.http.app import create_app


def create_http(dependencies: Dependencies) -> FastAPI:
    """The API of delivery, and what the edge asks of it."""
    app = create_app(
        title="Newsreel delivery",
        summary="Grants, tickets and signed URLs: how an account takes a rendition home.",
        trusts_callers=True,
        public_paths=("/r/", "/t/", "/posters/"),
    )
    app.include_router(tickets.create_router(dependencies))
    app.include_router(bearer_tickets.create_router(dependencies))
    app.include_router(downloads.create_router(dependencies))
    app.include_router(files.create_router(dependencies))
    return app
