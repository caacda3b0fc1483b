"""The composition root: settings to parts to a service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from identity.domain.access_token import TokenSigner
from identity.domain.limits import Buckets
from identity.inbound_http import Parts, create_api
from identity.inbound_kafka import subscribe
from identity.inbound_timer import purging
from identity.settings import Settings
from identity.usecases.hash_password import Hashing
from newsreel_runtime.consumer.consumer import Consumer
from newsreel_runtime.database import Database
from newsreel_runtime.keyring import KeyRing
from newsreel_runtime.publisher.relay import Relay
from newsreel_runtime.service import Service


@asynccontextmanager
async def compose(settings: Settings | None = None) -> AsyncIterator[Service]:
    """Everything that the process runs; closed again in reverse order."""
    settings = settings or Settings()
    hashing = Hashing(settings.hash_threads, settings.hash_waiting)
    signer = TokenSigner(settings.signing_key.get_secret_value(), settings.issuer)
    code_keys = KeyRing.parse(settings.code_keys.get_secret_value())
    buckets = Buckets(bytes.fromhex(settings.lookup_key.get_secret_value()))
    try:
        async with Database.open(settings.postgres) as database:
            consumer = Consumer("identity", settings.kafka, database)
            subscribe(consumer)
            yield Service(
                name="identity",
                http=create_api(Parts(database, hashing, code_keys, buckets, signer)),
                listen=settings.http,
                database=database,
                consumer=consumer,
                relay=Relay(settings.kafka, database, "identity"),
                timers=[purging(database)],
            )
    finally:
        hashing.close()
