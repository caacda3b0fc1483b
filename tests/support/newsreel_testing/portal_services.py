"""The services behind the portal: the real ones, over ASGI and on real databases, without Kafka."""

import json
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from starlette.types import ASGIApp
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from catalog.inbound_http import create_http as catalog_http
from identity.domain.password import PORTAL, Policy
from identity.inbound_http import create_http as identity_http
from newsreel_events.catalog import VideoPublishedV1
from newsreel_runtime.clock import now
from newsreel_testing.databases import Databases
from newsreel_testing.delivery_service import Delivery, Issuer, SetClock
from newsreel_testing.identity_service import Identity
from newsreel_testing.portal_videos import publish_videos


class _IdentityAsIssuer(Issuer):
    """Delivery asks identity itself for the keys of access tokens."""

    def __init__(self, identity: ASGIApp) -> None:
        super().__init__()
        self._identity = identity

    @property
    def transport(self) -> httpx.AsyncBaseTransport:
        return httpx.ASGITransport(self._identity)


@dataclass
class Services:
    """All of them; one set serves a whole run of the tests, since every browser has an address of its own."""

    identity: Identity
    identity_app: ASGIApp
    catalog_app: ASGIApp
    delivery: Delivery

    async def tell_delivery(self, account_id: UUID, **changed: Any) -> None:
        """The bus between them: identity's last event about an account reaches delivery, or `changed`."""
        published = await self.identity.outbox("identity.account.v1")
        states = [row.data["account"] for row in published if row.data]
        state = [known for known in states if known["account_id"] == str(account_id)][-1]
        told = {"status": state["status"], "ended": state["sessions_valid_after"]} | changed
        await self.delivery.account(account_id=account_id, **told)


@asynccontextmanager
async def open_services(
    databases: Databases, media_root: Path, policy: Policy = PORTAL
) -> AsyncIterator[Services]:
    """Services with the videos of `portal_videos` and no account."""
    async with AsyncExitStack() as stack:
        identity_db, catalog_db, delivery_db = [
            await stack.enter_async_context(databases.open(service))
            for service in ("identity", "catalog", "delivery")
        ]
        identity = Identity(identity_db, policy)
        stack.callback(identity.hashing.close)
        # As the server does with NEWSREEL_HTTP_TRUSTED_PROXIES: the portal is there, and says who called.
        # uvicorn's types of an app are narrower than Starlette's.
        identity_app: Any = ProxyHeadersMiddleware(identity_http(identity.dependencies), ["127.0.0.1"])  # type: ignore[arg-type]
        issuer = _IdentityAsIssuer(identity_app)
        delivery = Delivery(delivery_db, media_root, SetClock(now()), issuer)
        await publish_videos(catalog_db)
        async with catalog_db.read() as sql:
            rows = await sql.fetch("SELECT payload FROM outbox WHERE topic = 'catalog.video.v1'")
        for row in rows:
            video = VideoPublishedV1.model_validate(json.loads(row["payload"])).video
            await delivery.publish(video)
            for rendition in video.renditions:
                delivery.put(rendition, b"")
                os.truncate(media_root / str(rendition.rendition_id) / rendition.file, rendition.size_bytes)
        yield Services(identity, identity_app, catalog_http(catalog_db, catalog_db), delivery)


@dataclass
class Backend(httpx.AsyncBaseTransport):
    """One of the services; `away` makes it silent, `forced` answers what is asked at paths with `where`."""

    app: ASGIApp
    away: bool = False
    forced: httpx.Response | None = None
    where: str = ""
    asked: list[httpx.Request] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.asked.append(request)
        if self.away:
            raise httpx.ConnectError("away", request=request)
        if self.forced is not None and self.where in request.url.path:
            forced = self.forced
            return httpx.Response(forced.status_code, headers=forced.headers, content=forced.content)
        return await httpx.ASGITransport(self.app).handle_async_request(request)

    def urls(self) -> str:
        """All addresses that were asked, as a log would show them."""
        return " ".join(str(request.url) for request in self.asked)
