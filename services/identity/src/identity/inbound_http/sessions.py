"""Signing in and out, and access tokens."""

from fastapi import APIRouter

from identity import errors
from identity.domain.access_token import LIFE_SECONDS
from identity.domain.password_hash import is_outdated
from identity.inbound_http.parts import Parts, SessionToken, read_address
from identity.representations import AccountOfToken, SessionRequest, SessionStarted, TokenIssued
from identity.usecases.end_session import end_session
from identity.usecases.issue_token import issue_token
from identity.usecases.start_session import admit_sign_in, start_session
from newsreel_runtime.clock import now
from newsreel_runtime.errors import ServiceError
from newsreel_runtime.http.problems import documented


def create_router(parts: Parts) -> APIRouter:
    """`/v1/sessions`, `/v1/tokens`."""
    router = APIRouter(tags=["session"])

    @router.post("/v1/sessions", status_code=201, responses=documented(400, 401, 413, 422, 429, 503))
    async def sign_in(body: SessionRequest) -> SessionStarted:
        """Begin a session. A refusal says nothing about whether the account exists."""
        password = body.password.get_secret_value()
        try:
            address = read_address(body.address)
        except ServiceError:
            await parts.hashing.verify(None, password)
            raise errors.sign_in_refused() from None
        async with parts.database.begin() as tx:
            known = await admit_sign_in(tx, address, parts.buckets, now())
        stored = known.password_hash if known is not None else None
        is_right = await parts.hashing.verify(stored, password)
        if known is None or stored is None or not is_right:
            raise errors.sign_in_refused()
        fresh = await parts.hashing.hash(password) if is_outdated(stored) else None
        async with parts.database.begin() as tx:
            started = await start_session(
                tx, address, known, fresh_hash=fresh, buckets=parts.buckets, at=now()
            )
        if started is None:
            raise errors.sign_in_refused()
        return SessionStarted(session=started.token, expires_at=started.expires_at)

    @router.delete("/v1/sessions/current", status_code=204, responses=documented(401, 503))
    async def sign_out(session: SessionToken) -> None:
        """End the session; 401 when it is over already."""
        async with parts.database.begin() as tx:
            await end_session(tx, session)

    @router.post("/v1/tokens", responses=documented(401, 413, 503))
    async def token(session: SessionToken) -> TokenIssued:
        """Exchange the session for an access token."""
        async with parts.database.read() as connection:
            issued = await issue_token(connection, session, parts.signer, now())
        account = AccountOfToken(
            account_id=issued.account.account_id,
            address=issued.account.address,
            newsletter=issued.account.newsletter,
        )
        return TokenIssued(access_token=issued.access_token, expires_in=LIFE_SECONDS, account=account)

    return router
