"""The composition root."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from delivery.domain.edge_signer import EdgeSigner
from delivery.domain.s3_signer import Credentials, S3Signer
from delivery.inbound_http import create_http
from delivery.inbound_http.dependencies import SCOPE, Dependencies
from delivery.inbound_http.file_source import BucketSource, FileSource, FolderSource
from delivery.inbound_kafka import create_consumer
from delivery.inbound_timer import create_timers
from delivery.settings import Settings
from newsreel_runtime.clock import now
from newsreel_runtime.database import Database
from newsreel_runtime.http.access_token import AccessTokenVerifier
from newsreel_runtime.keyring import KeyRing
from newsreel_runtime.publisher.relay import Relay
from newsreel_runtime.service import Service
from newsreel_runtime.settings import Bucket

_EDGE_SECONDS = 300  # of a URL that the edge uses at once, by S3's clock


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
                    edge,
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
    bucket = settings.bucket
    if bucket.name is None:
        return FolderSource(settings.media_root)
    return BucketSource(_s3(bucket, _EDGE_SECONDS), now)


def _s3(bucket: Bucket, seconds: int) -> S3Signer:
    def credentials() -> Credentials:
        return Credentials(bucket.access_key, bucket.secret.get_secret_value() if bucket.secret else "")

    return S3Signer(
        endpoint=bucket.endpoint,
        region=bucket.region,
        bucket=bucket.name or "",
        path_style=bucket.path_style,
        credentials=credentials,
        seconds=seconds,
    )
