"""Another address for the own account: with the password, and with the code that is mailed there."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from identity.inbound_http.account import claim
from identity.inbound_http.dependencies import Dependencies, KnownBrowser, access_check, origin_of
from identity.representations import AddressRequest, AddressVerification, CodeRequested, SessionStarted
from identity.usecases.change_address import Acting, Typed, change_address
from identity.usecases.request_address import request_address
from identity.usecases.verify_code import Refused
from newsreel_runtime.clock import now
from newsreel_runtime.http.access_token import Access
from newsreel_runtime.http.problems import documented


def create_router(dependencies: Dependencies) -> APIRouter:
    router = APIRouter(prefix="/v1/account/address", tags=["account"])
    caller = access_check(dependencies.signer)

    @router.post("", status_code=202, responses=documented(400, 401, 413, 422, 429, 503))
    async def ask(
        body: AddressRequest,
        request: Request,
        access: Annotated[Access, Depends(caller)],
        known_browser: KnownBrowser = None,
    ) -> CodeRequested:
        """Have a code mailed to the new address. The answer is the same when another account has it."""
        asked = await request_address(
            dependencies.database,
            dependencies.hashing,
            claim(request, access, body.password, known_browser),
            dependencies.read_address(body.address),
            secret=body.challenge_secret,
            keys=dependencies.keys,
        )
        return CodeRequested.model_validate(asked)

    @router.post("/{challenge_id}/verification", responses=documented(400, 401, 404, 410, 413, 422, 429, 503))
    async def verification(
        challenge_id: UUID,
        body: AddressVerification,
        request: Request,
        access: Annotated[Access, Depends(caller)],
        known_browser: KnownBrowser = None,
    ) -> SessionStarted:
        """Change the address, with its code. Every session ends; the answer has a new one."""
        origin = origin_of(request, known_browser, body.browser)
        async with dependencies.database.begin() as tx:
            outcome = await change_address(
                tx,
                Typed(challenge_id, body.challenge_secret, body.code),
                Acting(access.account_id, access.session_id, origin),
                keys=dependencies.keys,
                at=now(),
            )
        if isinstance(outcome, Refused):
            raise outcome.problem
        return SessionStarted(
            session=outcome.token, expires_at=outcome.expires_at, known_browser=outcome.known_browser
        )

    return router
