"""The composition root of the portal."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
from fastapi import FastAPI

from newsreel_runtime.http.app import create_app
from newsreel_runtime.http.client import http_client
from newsreel_runtime.service import Service
from portal.inbound_http import add_pages
from portal.inbound_http.signing import Signing
from portal.inbound_http.site import Site, templates
from portal.outbound_http import Catalog, Delivery, Identity
from portal.settings import Settings


def pages(
    settings: Settings, identity: httpx.AsyncClient, catalog: httpx.AsyncClient, delivery: httpx.AsyncClient
) -> FastAPI:
    """The portal's HTTP side over clients of the three services that it asks."""
    summary = "The pages: videos, downloads, accounts, newsletter."
    app = create_app(
        title="Newsreel portal", summary=summary, explorer=False
    )  # no page here may run a script
    site = Site(
        origin=settings.origin,
        media_origin=settings.media_origin,
        signing=Signing(bytes.fromhex(settings.signing_key.get_secret_value())),
        identity=Identity(identity),
        catalog=Catalog(catalog),
        delivery=Delivery(delivery),
        templates=templates(),
    )
    add_pages(app, site)
    return app


@asynccontextmanager
async def compose(
    settings: Settings | None = None,
    *,
    identity: httpx.AsyncBaseTransport | None = None,
    catalog: httpx.AsyncBaseTransport | None = None,
    delivery: httpx.AsyncBaseTransport | None = None,
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
        yield Service("portal", http=pages(settings, *clients), listen=settings.http)
