"""The portal over in-memory services, and a browser on it that sends forms as browsers do."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
from fastapi import FastAPI
from pydantic import SecretStr

from newsreel_runtime.settings import Http
from newsreel_testing.page_checks import Html, faults
from newsreel_testing.portal_backends import ADDRESS, PASSWORD, FakeDelivery, FakeIdentity
from newsreel_testing.portal_catalog import BROADCAST, VIDEO, FakeCatalog
from portal.app import compose
from portal.settings import Settings

ORIGIN = "http://portal.test"
MEDIA = "https://media.test"


@dataclass
class Portal:
    """A portal, what is behind it, and one browser. Every page that comes back is checked."""

    app: FastAPI
    origin: str
    identity: FakeIdentity
    catalog: FakeCatalog
    delivery: FakeDelivery
    browser: httpx.AsyncClient

    def another_browser(self) -> httpx.AsyncClient:
        """A browser without cookies, on the same portal."""
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=self.origin)

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """Open an address, without following where it leads."""
        return self._sound(await self.browser.get(path, headers=headers))

    async def post(self, path: str, page: str | None = None, **fields: str) -> httpx.Response:
        """Send a form with the token of `page` (the form's own address when it is not given)."""
        token = await self.token(page if page is not None else path)
        headers = {"Origin": self.origin}
        return self._sound(
            await self.browser.post(path, data={"form_token": token} | fields, headers=headers)
        )

    async def token(self, page: str = "/") -> str:
        """A form token that this browser is shown."""
        shown = Html.of((await self.get(page)).text)
        return next(one.get("value") for one in shown.all("input") if one.get("name") == "form_token")

    async def sign_in(self) -> None:
        """Be signed in, as somebody with an account."""
        self.identity.account()
        answer = await self.post("/sign-in", address=ADDRESS, password=PASSWORD)
        assert answer.status_code == 303

    def cookies(self) -> dict[str, str]:
        """The browser's cookies."""
        return {one.name: one.value or "" for one in self.browser.cookies.jar}

    def _sound(self, answer: httpx.Response) -> httpx.Response:
        assert answer.status_code != 500
        if answer.headers.get("content-type", "").startswith("text/html"):
            assert faults(answer.text) == []
        return answer


@asynccontextmanager
async def open_portal(origin: str) -> AsyncIterator[Portal]:
    """A portal of its own at `origin`."""
    identity, catalog, delivery = FakeIdentity(), FakeCatalog(), FakeDelivery()
    delivery.known.add((str(VIDEO), str(BROADCAST)))
    settings = Settings(
        origin=origin,
        signing_key=SecretStr("5a" * 32),
        identity_origin="http://identity.test",
        catalog_origin="http://catalog.test",
        delivery_origin="http://delivery.test",
        media_origin=MEDIA,
        http=Http(port=0),
    )
    async with compose(settings, identity=identity, catalog=catalog, delivery=delivery) as service:
        transport = httpx.ASGITransport(service.http)
        async with httpx.AsyncClient(transport=transport, base_url=origin) as browser:
            yield Portal(service.http, origin, identity, catalog, delivery, browser)
