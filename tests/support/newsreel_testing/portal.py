"""The portal over the real services, and a browser on it that sends forms as browsers do."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI
from pydantic import SecretStr

from identity.domain.address import parse_address
from identity.domain.code import Purpose
from newsreel_runtime.clock import now
from newsreel_runtime.settings import Http
from newsreel_testing.identity_service import PASSWORD, PURPOSES, short
from newsreel_testing.page_checks import Html, faults
from newsreel_testing.portal_services import Backend, Services
from portal.app import compose
from portal.settings import Settings

ORIGIN = "http://portal.test"
MEDIA = "https://media.test"
_NAVIGATION = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}

_numbers = count(1)


_HERE = "192.0.2.7"


@dataclass
class Portal:
    """A portal, what is behind it, and one browser. Every page that comes back is checked."""

    app: FastAPI
    origin: str
    services: Services
    identity: Backend
    catalog: Backend
    delivery: Backend
    browser: httpx.AsyncClient
    address: str = field(default_factory=lambda: f"reporter-{next(_numbers)}@example.org")

    def another_browser(self, client: str = _HERE) -> httpx.AsyncClient:
        """A browser without cookies, on the same portal."""
        return _browser(self.app, self.origin, client)

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """Open an address, without following where it leads."""
        return self._sound(await self.browser.get(path, headers=headers))

    async def post(self, path: str, page: str | None = None, **fields: str) -> httpx.Response:
        """Fill in the form for `path` as it stands on `page` (the form's own address unless given)."""
        shown = await self.form(path, page)
        return await self.send(path, shown | fields)

    async def send(self, path: str, fields: Mapping[str, str]) -> httpx.Response:
        """Send a form that was shown before: again, or from another tab."""
        headers = {"Origin": self.origin}
        return self._sound(await self.browser.post(path, data=dict(fields), headers=headers))

    async def form(self, path: str, page: str | None = None) -> dict[str, str]:
        """What is in the form for `path` on `page`; another form's token when the page has no such form."""
        shown = Html.of((await self.get(page if page is not None else path)).text)
        inputs = [element for element in shown.all("input") if element.form == path]
        inputs = inputs or [element for element in shown.all("input") if element.get("name") == "form_token"]
        return {field.get("name"): field.get("value") for field in inputs}

    async def token(self, page: str = "/") -> str:
        """A form token that this browser is shown."""
        return (await self.form("", page))["form_token"]

    async def register_account(self, *, delivery_knows: bool = True) -> None:
        """The person has an account, from another time and browser."""
        await self.services.identity.make_account(self.address, now() - timedelta(hours=2))
        if delivery_knows:
            await self.tell_delivery()

    async def tell_delivery(self, **changed: Any) -> None:
        """Delivery hears of the account, as identity said it or `changed`."""
        account_id = await self.account_id()
        await self.services.tell_delivery(account_id, **changed)

    async def account_id(self) -> UUID:
        """The account of the address."""
        found = await self._account("account_id")
        assert found is not None
        return UUID(int=found.int)

    async def subscribed(self) -> bool:
        """Whether the account has the newsletter."""
        return bool(await self._account("newsletter"))

    async def lives(self, session: str) -> bool:
        """Whether identity gives access tokens for a session."""
        return await self._token_of(session) is not None

    async def access_token(self) -> str:
        """An access token for the session in this browser."""
        token = await self._token_of(self.cookies()["newsreel"])
        assert token is not None
        return token

    async def _token_of(self, session: str) -> str | None:
        async with self.services.identity.client() as client:
            answer = await client.post("/v1/tokens", headers={"Authorization": f"Bearer {session}"})
        return str(answer.json()["access_token"]) if answer.is_success else None

    async def _account(self, column: str) -> Any:
        async with self.services.identity.database.read() as sql:
            key = parse_address(self.address).key
            return await sql.fetchval(f"SELECT {column} FROM account WHERE address_key = $1", key)  # noqa: S608 (a column's name of ours)

    async def sign_in(self) -> None:
        """Be signed in, as somebody with an account."""
        await self.register_account()
        answer = await self.post("/sign-in", address=self.address, password=PASSWORD)
        assert answer.status_code == 303

    async def codes(self, address: str | None = None) -> list[str]:
        """The codes that were mailed to the address, oldest first, derived as the notifier does."""
        rows = await self.services.identity.outbox("identity.code.v1")
        wanted = [row for row in rows if row.data["address"] == (address or self.address)]
        return [self.services.identity.mailed_code(row) for row in wanted if short(row) in PURPOSES]

    async def code(self, address: str | None = None) -> str:
        """The code that was mailed last."""
        return (await self.codes(address))[-1]

    async def pause(self, purpose: Purpose = "signup", minutes: int = 2) -> None:
        """Time passes for the limits of the address: another mail may go."""
        identity = self.services.identity
        bucket = identity.buckets.mail(purpose, parse_address(self.address).key)
        sql = "UPDATE allowance SET hits = ARRAY(SELECT hit - $2::interval FROM unnest(hits) AS hit)"
        async with identity.database.begin() as tx:
            await tx.sql.execute(f"{sql} WHERE bucket = $1", bucket, timedelta(minutes=minutes))

    async def end_sessions(self) -> None:
        """Identity ends the sessions of the account, as a new password elsewhere does."""
        async with self.services.identity.database.begin() as tx:
            await tx.sql.execute(
                "DELETE FROM session USING account WHERE session.account_id = account.account_id"
                " AND account.address_key = $1",
                parse_address(self.address).key,
            )

    def cookies(self) -> dict[str, str]:
        """The browser's cookies."""
        return {cookie.name: cookie.value or "" for cookie in self.browser.cookies.jar}

    def _sound(self, answer: httpx.Response) -> httpx.Response:
        assert answer.status_code != 500
        if answer.headers.get("content-type", "").startswith("text/html"):
            assert faults(answer.text) == []
        return answer


def _browser(app: FastAPI, origin: str, client: str = _HERE) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, client=(client, 50_000))
    return httpx.AsyncClient(transport=transport, base_url=origin, headers=_NAVIGATION)


@asynccontextmanager
async def open_portal(services: Services, origin: str = ORIGIN, *, ahead: float = 0) -> AsyncIterator[Portal]:
    """A portal at `origin` whose clock is `ahead` by seconds, with a browser that has been nowhere yet."""
    identity = Backend(services.identity_app)
    catalog, delivery = Backend(services.catalog_app), Backend(services.delivery.app)
    settings = Settings(
        origin=origin,
        signing_key=SecretStr("5a" * 32),
        identity_origin="http://identity.test",
        catalog_origin="http://catalog.test",
        delivery_origin="http://delivery.test",
        media_origin=MEDIA,
        http=Http(port=0),
    )
    transports = {"identity": identity, "catalog": catalog, "delivery": delivery}
    async with compose(settings, clock=lambda: now() + timedelta(seconds=ahead), **transports) as service:
        app = service.http
        async with _browser(app, origin) as browser:
            yield Portal(app, origin, services, identity, catalog, delivery, browser)
