"""The composition root."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from delivery import inbound_kafka
from delivery.domain.url_signer import UrlSigner
from delivery.inbound_http.files import file_routes
from delivery.inbound_http.tickets import AccessCheck, Clock, ticket_routes
from delivery.settings import Settings
from newsreel_runtime.clock import now
from newsreel_runtime.consumer.consumer import Consumer
from newsreel_runtime.database import Database
from newsreel_runtime.http.access_token import AccessTokenVerifier
from newsreel_runtime.http.app import create_app
from newsreel_runtime.keyring import KeyRing
from newsreel_runtime.publisher.relay import Relay
from newsreel_runtime.service import Service


@asynccontextmanager
async def compose(settings: Settings | None = None) -> AsyncIterator[Service]:
    """The service, from its settings (the environment's unless given)."""
    settings = settings or Settings()
    async with Database.open(settings.postgres) as database:
        consumer = Consumer(inbound_kafka.GROUP, settings.kafka, database)
        inbound_kafka.subscribe(consumer)
        yield Service(
            name="delivery",
            http=http(settings, database, AccessTokenVerifier(settings.identity_origin)),
            listen=settings.http,
            database=database,
            consumer=consumer,
            relay=Relay(settings.kafka, database, service="delivery"),
        )


def http(settings: Settings, database: Database, access: AccessCheck, clock: Clock = now) -> FastAPI:
    """The HTTP side; `access` gives a request's caller. Raises `ValueError` for keys that cannot sign."""
    signer = UrlSigner(
        origin=settings.public_origin,
        keys=KeyRing.parse(settings.url_keys.get_secret_value()),
        seconds=settings.url_seconds,
    )
    app = create_app(
        title="Newsreel delivery",
        summary="Grants, tickets and signed URLs: how an account takes a rendition home.",
        trusts_callers=True,
    )
    app.include_router(ticket_routes(database, access, signer, settings.ticket_origin, clock))
    if settings.media_root is not None:
        app.include_router(file_routes(database, signer, settings.ticket_origin, settings.media_root, clock))
    return app
