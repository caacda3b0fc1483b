"""HTTP in: parse, call one use case, answer; a refusal that must be counted is raised after the commit."""

from fastapi import FastAPI

from identity.inbound_http import (
    account,
    address,
    challenges,
    clients,
    discovery,
    newsletter,
    registrations,
    resets,
    sessions,
)
from identity.inbound_http.dependencies import Dependencies
from newsreel_runtime.http.app import create_app

__all__ = ["Dependencies", "create_http"]


def create_http(dependencies: Dependencies) -> FastAPI:
    app = create_app(
        title="Newsreel identity",
        summary="Accounts, mailed codes, sessions, access tokens.",
        trusts_callers=True,
    )
    for area in (
        registrations,
        challenges,
        resets,
        sessions,
        account,
        address,
        newsletter,
        clients,
        discovery,
    ):
        app.include_router(area.create_router(dependencies))
    return app
