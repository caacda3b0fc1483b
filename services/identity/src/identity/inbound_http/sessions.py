"""Signing in and out, the sessions of an account, and access tokens."""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from identity.domain.access_token import LIFE_SECONDS
from identity.domain.address import AddressRefusedError, parse_address, shown
from identity.inbound_http.dependencies import (
    Dependencies,
    KnownBrowser,
    SessionToken,
    access_check,
    origin_of,
)
from identity.representations import (
    AccountOfToken,
    SessionList,
    SessionRequest,
    SessionShown,
    SessionStarted,
    TokenIssued,
)
from identity.usecases.end_sessions import end_session, end_sessions, sign_out
from identity.usecases.issue_token import issue_token
from identity.usecases.list_sessions import list_sessions
from identity.usecases.sign_in import sign_in
from newsreel_runtime.clock import now
from newsreel_runtime.http.access_token import Access
from newsreel_runtime.http.problems import documented


def create_router(dependencies: Dependencies) -> APIRouter:
    router = APIRouter(tags=["session"])
    database, keys = dependencies.database, dependencies.keys
    caller = access_check(dependencies.signer)

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
            database,
            dependencies.hashing,
            address,
            body.password.get_secret_value(),
            origin=origin_of(request, known_browser, body.browser),
            keys=keys,
        )
        return SessionStarted(
            session=started.token, expires_at=started.expires_at, known_browser=started.known_browser
        )

    @router.delete("/v1/sessions/current", status_code=204, responses=documented(401, 503))
    async def sign_out_here(session: SessionToken) -> None:
        """End the session, if it is not over already; its access tokens live out their 5 minutes."""
        async with database.begin() as tx:
            await sign_out(tx, session, keys.sessions, now())

    @router.get("/v1/sessions", responses=documented(401, 413, 503))
    async def sessions(access: Annotated[Access, Depends(caller)]) -> SessionList:
        """The account's sessions, the one that was used last first."""
        async with database.read() as sql:
            found = await list_sessions(sql, access.account_id, access.auth_time, now())
        return SessionList(
            sessions=[
                SessionShown.of(
                    session, session_id=session.session_id, current=session.session_id == access.session_id
                )
                for session in found
            ]
        )

    @router.delete("/v1/sessions/{session_id}", status_code=204, responses=documented(401, 413, 422, 503))
    async def end(session_id: UUID, access: Annotated[Access, Depends(caller)]) -> None:
        """End one of the account's sessions, if it is not over already; as signing out there."""
        async with database.begin() as tx:
            await end_session(tx, access.account_id, access.auth_time, session_id)

    @router.delete("/v1/sessions", status_code=204, responses=documented(401, 413, 503))
    async def sign_out_everywhere(access: Annotated[Access, Depends(caller)]) -> None:
        """End every session of the account, this one too, and all access tokens within a second."""
        async with database.begin() as tx:
            await end_sessions(tx, access.account_id, access.auth_time, now())

    @router.post("/v1/tokens", responses=documented(401, 413, 503), response_model_exclude_none=True)
    async def token(session: SessionToken) -> TokenIssued:
        """Exchange the session for an access token; hold the `session` of the answer, if it has one."""
        issued = await issue_token(database, session, keys.sessions, dependencies.signer, now())
        account = replace(issued.account, address=shown(issued.account.address))
        return TokenIssued(
            access_token=issued.access_token,
            expires_in=LIFE_SECONDS,
            account=AccountOfToken.model_validate(account),
            session=issued.session_token,
            session_expires_at=issued.expires_at,
        )

    return router
