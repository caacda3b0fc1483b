"""Codes: asking for another, and typing one."""

from uuid import UUID

from fastapi import APIRouter

from identity import errors
from identity.inbound_http.parts import Parts
from identity.representations import NewCodeRequest, NewCodeRequested, VerificationRequest, Verified
from identity.usecases.send_new_code import send_new_code
from identity.usecases.verify_code import verify_code
from newsreel_runtime.clock import now
from newsreel_runtime.http.problems import documented


def create_router(parts: Parts) -> APIRouter:
    """`/v1/challenges`."""
    router = APIRouter(prefix="/v1/challenges/{challenge_id}", tags=["challenge"])

    @router.post("/codes", status_code=202, responses=documented(400, 404, 413, 422, 429, 503))
    async def new_code(challenge_id: UUID, body: NewCodeRequest) -> NewCodeRequested:
        """Send a new code. The older ones live on until they expire."""
        async with parts.database.begin() as tx:
            asked = await send_new_code(
                tx, challenge_id, body.challenge_secret, keys=parts.code_keys, buckets=parts.buckets, at=now()
            )
        return NewCodeRequested(
            resend_after_seconds=asked.resend_after_seconds, code_expires_at=asked.code_expires_at
        )

    @router.post(
        "/verification",
        responses=documented(400, 413, 422, 429, 503),
        response_model_exclude_none=True,
    )
    async def verification(challenge_id: UUID, body: VerificationRequest) -> Verified:
        """Prove the address with a code. This never signs anybody in."""
        async with parts.database.begin() as tx:
            proven = await verify_code(
                tx,
                challenge_id,
                body.challenge_secret,
                body.code,
                keys=parts.code_keys,
                buckets=parts.buckets,
                at=now(),
            )
        if proven is None:
            raise errors.code_refused()
        return Verified(
            purpose=proven.purpose,
            reset_token=proven.reset_token,
            reset_expires_at=proven.reset_expires_at,
        )

    return router
