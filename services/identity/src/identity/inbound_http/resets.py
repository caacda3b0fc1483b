"""Forgotten passwords: asking for the code, and setting the new one."""

from uuid import UUID

from fastapi import APIRouter, Request

from identity.inbound_http.dependencies import Dependencies, KnownBrowser, origin_of
from identity.representations import CodeRequested, NewPasswordRequest, ResetRequest
from identity.usecases.request_code import request_code
from identity.usecases.set_password import set_password
from newsreel_runtime.clock import now
from newsreel_runtime.http.problems import documented


def create_router(dependencies: Dependencies) -> APIRouter:
    router = APIRouter(tags=["reset"])

    @router.post("/v1/resets", status_code=202, responses=documented(400, 413, 422, 429, 503))
    async def reset(
        body: ResetRequest, request: Request, known_browser: KnownBrowser = None
    ) -> CodeRequested:
        """Ask for a reset code. The answer is the same for known and unknown addresses."""
        address = dependencies.read_address(body.address)
        async with dependencies.database.begin() as tx:
            asked = await request_code(
                tx,
                "reset",
                address,
                locale=body.locale,
                secret=body.challenge_secret,
                origin=origin_of(request, known_browser),
                keys=dependencies.keys,
                at=now(),
            )
        return CodeRequested.model_validate(asked)

    @router.post(
        "/v1/resets/{challenge_id}/password", status_code=204, responses=documented(400, 413, 422, 503)
    )
    async def new_password(challenge_id: UUID, body: NewPasswordRequest) -> None:
        """Set the new password and end every session; sent again with the same one, nothing changes."""
        password = body.password.get_secret_value()
        dependencies.check_password(password)
        await set_password(
            dependencies.database,
            dependencies.hashing,
            challenge_id,
            reset_token=body.reset_token,
            password=password,
            buckets=dependencies.keys.buckets,
        )

    return router
