"""Registering, and the rules for passwords."""

from fastapi import APIRouter

from identity.inbound_http.parts import Parts, check_password, code_requested, password_errors, read_address
from identity.representations import CodeRequested, PasswordPolicy, RegistrationRequest
from identity.usecases.keep_password import keep_password
from identity.usecases.register_account import register_account
from newsreel_runtime.clock import now
from newsreel_runtime.http.problems import documented


def create_router(parts: Parts) -> APIRouter:
    """`/v1/registrations`, `/v1/password-policy`."""
    router = APIRouter(tags=["registration"])

    @router.post("/v1/registrations", status_code=202, responses=documented(400, 413, 422, 429, 503))
    async def register(body: RegistrationRequest) -> CodeRequested:
        """Register an address. The answer is the same for new, unverified and taken ones."""
        password = body.password.get_secret_value()
        address = read_address(body.address, password_errors(password))
        check_password(password)
        # The mail's way begins now; the hash, some 22 ms, is made meanwhile.
        hashed = parts.hashing.hash(password)
        try:
            async with parts.database.begin() as tx:
                asked = await register_account(
                    tx,
                    address,
                    locale=body.locale,
                    keys=parts.code_keys,
                    buckets=parts.buckets,
                    at=now(),
                )
        except BaseException:
            hashed.cancel()
            raise
        password_hash = await hashed
        async with parts.database.begin() as tx:
            await keep_password(tx, asked.challenge_id, password_hash)
        return code_requested(asked)

    @router.get("/v1/password-policy", responses=documented(503))
    async def password_policy() -> PasswordPolicy:
        """The rules that passwords are held to, as data."""
        return PasswordPolicy()

    return router
