"""Registering, and the rules for passwords."""

from fastapi import APIRouter, Request

from identity.inbound_http.dependencies import Dependencies, KnownBrowser, origin_of
from identity.representations import CodeRequested, PasswordPolicy, RegistrationRequest
from identity.usecases.register_account import register_account
from newsreel_runtime.http.problems import documented


def create_router(dependencies: Dependencies) -> APIRouter:
    router = APIRouter(tags=["registration"])

    @router.post("/v1/registrations", status_code=202, responses=documented(400, 413, 422, 429, 503))
    async def register(
        body: RegistrationRequest, request: Request, known_browser: KnownBrowser = None
    ) -> CodeRequested:
        """Register an address. The answer is the same for new, unverified and taken ones."""
        password = body.password.get_secret_value()
        broken = dependencies.password_errors(password, body.address)
        address = dependencies.read_address(body.address, broken)
        dependencies.check_password(password, body.address)
        asked = await register_account(
            dependencies.database,
            dependencies.hashing,
            address,
            password,
            locale=body.locale,
            secret=body.challenge_secret,
            origin=origin_of(request, known_browser),
            keys=dependencies.keys,
        )
        return CodeRequested.model_validate(asked)

    @router.get("/v1/password-policy", responses=documented(503))
    async def password_policy() -> PasswordPolicy:
        """The rules that passwords are held to, as data."""
        return PasswordPolicy.model_validate(dependencies.policy)

    return router
