"""Signing in and out, and access tokens."""

from dataclasses import replace

from fastapi import APIRouter, Request

from identity.domain.access_token import LIFE_SECONDS
from identity.domain.address import AddressRefusedError, parse_address, shown
from identity.domain.network import network_of
from identity.domain.secret import hash_secret
from identity.inbound_http.dependencies import Dependencies, KnownBrowser, SessionToken
from identity.representations import AccountOfToken, SessionRequest, SessionStarted, TokenIssued
from identity.store import sessions
from identity.usecases.issue_token import issue_token
from identity.usecases.sign_in import Origin, sign_in
from newsreel_runtime.clock import now
from newsreel_runtime.http.problems import documented


def create_router(dependencies: Dependencies) -> APIRouter:
    router = APIRouter(tags=["session"])

    @router.post("/v1/sessions", status_code=201, responses=documented(400, 401, 413, 422, 429, 503))
    async def begin(
        body: SessionRequest, request: Request, known_browser: KnownBrowser = None
    ) -> SessionStarted:
        """Begin a session. A refusal says nothing about whether the account exists."""
        try:
            address = parse_address(body.address)
        except AddressRefusedError:
            address = None
        started = await sign_in(
            dependencies.database,
            dependencies.hashing,
            address,
            body.password.get_secret_value(),
            origin=Origin(network_of(request.client.host if request.client else None), known_browser),
            buckets=dependencies.keys.buckets,
        )
        return SessionStarted(
            session=started.token, expires_at=started.expires_at, known_browser=started.known_browser
        )

    @router.delete("/v1/sessions/current", status_code=204, responses=documented(401, 503))
    async def sign_out(session: SessionToken) -> None:
        """End the session, if it is not over already; its access tokens live out their 5 minutes."""
        async with dependencies.database.begin() as tx:
            await sessions.remove(tx, hash_secret(session))

    @router.post("/v1/tokens", responses=documented(401, 413, 503))
    async def token(session: SessionToken) -> TokenIssued:
        """Exchange the session for an access token."""
        async with dependencies.database.read() as sql:
            access_token, account = await issue_token(sql, session, dependencies.signer, now())
        owner = AccountOfToken.model_validate(replace(account, address=shown(account.address)))
        return TokenIssued(access_token=access_token, expires_in=LIFE_SECONDS, account=owner)

    return router
