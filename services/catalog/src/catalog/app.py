"""The composition root."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from catalog.inbound_http import create_http
from catalog.inbound_http.editors import Editors
from catalog.inbound_timer import create_timers
from catalog.outbound_http import Identity
from catalog.settings import Settings
from catalog.store.search import SESSION
from newsreel_runtime.database import Database
from newsreel_runtime.http.access_token import AccessTokenVerifier
from newsreel_runtime.http.client import http_client
from newsreel_runtime.publisher.relay import Relay
from newsreel_runtime.service import Service


@asynccontextmanager
async def compose(settings: Settings | None = None) -> AsyncIterator[Service]:
    """The service, from its settings (the environment's unless given)."""
    settings = settings or Settings()
    async with (
        Database.open(settings.postgres) as database,
        # Connections of its own: no page of the catalogue waits for questions.
        Database.open(settings.postgres, session=SESSION) as searched,
        _editors(settings.identity_origin) as editors,
    ):
        yield Service(
            name="catalog",
            http=create_http(database, searched, editors),
            listen=settings.http,
            database=database,
            relay=Relay(settings.kafka, database, service="catalog"),
            timers=create_timers(database),
        )


@asynccontextmanager
async def _editors(identity_origin: str | None) -> AsyncIterator[Editors | None]:
    if identity_origin is None:
        yield None
        return
    async with http_client(identity_origin) as client:
        yield Editors(AccessTokenVerifier(identity_origin), Identity(client).check_standing)
