"""Codes: waiting for the mail, asking for another, and typing one."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Request

from identity.inbound_http.dependencies import Dependencies, KnownBrowser, origin_of
from identity.representations import (
    ChallengeProgress,
    NewCodeRequest,
    NewCodeRequested,
    Secret,
    VerificationRequest,
    Verified,
)
from identity.usecases.send_new_code import send_new_code
from identity.usecases.tell_progress import tell_progress
from identity.usecases.verify_code import Refused, verify_code
from newsreel_runtime.clock import now
from newsreel_runtime.http.problems import documented

ChallengeSecret = Annotated[
    Secret,
    Header(alias="Newsreel-Challenge-Secret", description="Proof that this browser began the challenge."),
]


def create_router(dependencies: Dependencies) -> APIRouter:
    router = APIRouter(prefix="/v1/challenges/{challenge_id}", tags=["challenge"])

    @router.get("", responses=documented(404, 422, 503))
    async def progress(challenge_id: UUID, secret: ChallengeSecret) -> ChallengeProgress:
        """What became of the mail, and when a new code may be asked for."""
        async with dependencies.database.read() as sql:
            told = await tell_progress(sql, challenge_id, secret, dependencies.keys, now())
        return ChallengeProgress.model_validate(told)

    @router.post("/codes", status_code=202, responses=documented(400, 404, 410, 413, 422, 429, 503))
    async def new_code(
        challenge_id: UUID, body: NewCodeRequest, request: Request, known_browser: KnownBrowser = None
    ) -> NewCodeRequested:
        """Send a new code. The older ones live on until they expire."""
        async with dependencies.database.begin() as tx:
            asked = await send_new_code(
                tx,
                challenge_id,
                body.challenge_secret,
                origin=origin_of(request, known_browser),
                keys=dependencies.keys,
                at=now(),
            )
        return NewCodeRequested.model_validate(asked)

    @router.post(
        "/verification",
        responses=documented(400, 404, 410, 413, 422, 429, 503),
        response_model_exclude_none=True,
    )
    async def verification(challenge_id: UUID, body: VerificationRequest) -> Verified:
        """Prove the address with a code; the same code again gets the same answer. Nobody is signed in."""
        async with dependencies.database.begin() as tx:
            outcome = await verify_code(
                tx, challenge_id, body.challenge_secret, body.code, keys=dependencies.keys, at=now()
            )
        if isinstance(outcome, Refused):
            raise outcome.problem
        return Verified.model_validate(outcome)

    return router
