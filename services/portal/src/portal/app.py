"""The composition root of the portal."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime

import httpx

from newsreel_runtime.clock import now
from newsreel_runtime.http.client import http_client
from newsreel_runtime.keyring import KeyRing
from newsreel_runtime.service import Service
from portal.domain.languages import LANGUAGES
from portal.inbound_http import Site, create_http
from portal.inbound_http.signatures import Signatures
from portal.inbound_http.site import templates
from portal.outbound_http import Catalog, Delivery, Identity
from portal.settings import Settings


@asynccontextmanager
async def compose(
    settings: Settings | None = None,
    *,
    identity: httpx.AsyncBaseTransport | None = None,
    catalog: httpx.AsyncBaseTransport | None = None,
    delivery: httpx.AsyncBaseTransport | None = None,
    clock: Callable[[], datetime] = now,
) -> AsyncIterator[Service]:
    """The service; a transport given here replaces the network to that service.

    Nothing behind the portal counts for its readiness: one service away must not take all pages away.
    """
    settings = settings or Settings()
    async with AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(http_client(origin, transport=transport))
            for origin, transport in (
                (settings.identity_origin, identity),
                (settings.catalog_origin, catalog),
                (settings.delivery_origin, delivery),
            )
        ]
        site = Site(
            origin=settings.origin,
            media_origin=settings.media_origin,
            signatures=Signatures(KeyRing.read(settings.signing_key.get_secret_value), clock),
            identity=Identity(clients[0]),
            catalog=Catalog(clients[1]),
            delivery=Delivery(clients[2]),
            templates={language: templates(language) for language in LANGUAGES},
            clock=clock,
        )
        yield Service(name="portal", http=create_http(site), listen=settings.http)
