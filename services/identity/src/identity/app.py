"""The composition root: settings to parts to a service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from identity.domain.access_token import TokenSigner
from identity.domain.keys import Keys
from identity.domain.limits import Buckets
from identity.domain.password import POLICIES
from identity.inbound_http import Dependencies, create_http
from identity.inbound_kafka import create_consumer
from identity.inbound_timer import create_timers
from identity.settings import Settings
from identity.usecases.hash_password import Hashing
from newsreel_runtime.database import BY_KEY, Database
from newsreel_runtime.keyring import KeyRing
from newsreel_runtime.publisher.relay import Relay
from newsreel_runtime.service import Service


@asynccontextmanager
async def compose(settings: Settings | None = None) -> AsyncIterator[Service]:
    """Everything that the process runs; closed again in reverse order."""
    settings = settings or Settings()
    given = settings.pepper_keys
    pepper = None if given is None else KeyRing.read(given.get_secret_value)
    hashing = Hashing(settings.hash_threads, settings.hash_waiting, pepper)
    signer = TokenSigner(settings.signing_key.get_secret_value, settings.issuer)
    lookup = KeyRing.read(settings.lookup_key.get_secret_value)
    keys = Keys(
        codes=KeyRing.read(settings.code_keys.get_secret_value),
        buckets=Buckets(lookup),
        unsubscribe=KeyRing.read(settings.unsubscribe_keys.get_secret_value),
        sessions=lookup,
    )
    try:
        async with Database.open(settings.postgres, session=BY_KEY) as database:
            policy = POLICIES[settings.password_profile]
            yield Service(
                name="identity",
                http=create_http(Dependencies(database, hashing, keys, signer, policy, settings.smtputf8)),
                listen=settings.http,
                database=database,
                consumers=(create_consumer(settings.kafka, database),),
                relay=Relay(settings.kafka, database, "identity"),
                timers=create_timers(database),
            )
    finally:
        hashing.close()
