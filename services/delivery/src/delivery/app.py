"""The composition root."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from delivery.domain.edge_signer import EdgeSigner
from delivery.inbound_http import create_http
from delivery.inbound_http.dependencies import SCOPE, Dependencies
from delivery.inbound_http.file_source import BucketSource, FileSource, FolderSource, signer_of
from delivery.inbound_kafka import create_consumer
from delivery.inbound_timer import create_timers
from delivery.settings import Settings
from newsreel_runtime.database import Database
from newsreel_runtime.http.access_token import AccessTokenVerifier
from newsreel_runtime.keyring import KeyRing
from newsreel_runtime.publisher.relay import Relay
from newsreel_runtime.service import Service


@asynccontextmanager
async def compose(settings: Settings | None = None) -> AsyncIterator[Service]:
    """The service, from its settings (the environment's unless given)."""
    settings = settings or Settings()
    edge = EdgeSigner(
        origin=settings.public_origin,
        keys=KeyRing.read(settings.url_keys.get_secret_value),
        seconds=settings.url_seconds,
    )
    access = AccessTokenVerifier(settings.identity_origin, scope=SCOPE)
    async with Database.open(settings.postgres) as database:
        yield Service(
            name="delivery",
            http=create_http(
                Dependencies(
                    database,
                    access,
                    signer_of(settings.bucket, settings.url_seconds) if settings.url_place == "s3" else edge,
                    edge,
                    settings.ticket_origin,
                    _source(settings),
                    settings.ticket_seconds,
                )
            ),
            listen=settings.http,
            database=database,
            consumers=(create_consumer(settings.kafka, database),),
            relay=Relay(settings.kafka, database, "delivery"),
            timers=create_timers(database),
        )


def _source(settings: Settings) -> FileSource:
    if settings.bucket.name is None:
        return FolderSource(settings.media_root)
    return BucketSource.of(settings.bucket)
