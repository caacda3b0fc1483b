"""Every answer of identity's API is one that its document names."""

from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from identity.inbound_http import create_http
from newsreel_runtime.clock import now
from newsreel_testing.identity_service import PASSWORD, Identity
from newsreel_testing.openapi import served, try_everything

OPERATIONS = {
    "POST /v1/registrations",
    "GET /v1/password-policy",
    "GET /v1/challenges/{challenge_id}",
    "POST /v1/challenges/{challenge_id}/codes",
    "POST /v1/challenges/{challenge_id}/verification",
    "POST /v1/resets",
    "POST /v1/resets/{challenge_id}/password",
    "POST /v1/sessions",
    "DELETE /v1/sessions/current",
    "POST /v1/tokens",
    "POST /v1/token",
    "GET /v1/sessions",
    "DELETE /v1/sessions",
    "DELETE /v1/sessions/{session_id}",
    "GET /v1/account",
    "PUT /v1/account/name",
    "PUT /v1/account/language",
    "POST /v1/account/password",
    "POST /v1/account/address",
    "POST /v1/account/address/{challenge_id}/verification",
    "POST /v1/account/deletion",
    "PUT /v1/newsletter",
    "DELETE /v1/newsletter",
    "POST /v1/newsletter/unsubscriptions",
    "GET /.well-known/jwks.json",
    "GET /.well-known/openid-configuration",
}


def excluded(operation: str) -> Sequence[Any]:
    """What a schema cannot say (an address, a policy, a code) is refused although the schema holds.

    Ending a session that is over is no error (RFC 7009 §2.2).
    """
    if operation == "DELETE /v1/sessions/current":
        return positive_data_acceptance, ignored_auth
    return (positive_data_acceptance,)


@pytest.mark.parametrize("mode", GenerationMode)
async def test_every_answer_is_documented(identity: Identity, mode: GenerationMode) -> None:
    await identity.make_account("ada@example.org", now())
    async with served(create_http(identity.dependencies)) as address:
        async with httpx.AsyncClient(base_url=address) as client:
            body = {"address": "ada@example.org", "password": PASSWORD}
            session = (await client.post("/v1/sessions", json=body)).json()["session"]
            headers = {"Authorization": f"Bearer {session}"}
            token = (await client.post("/v1/tokens", headers=headers)).json()["access_token"]
        tokens = dict.fromkeys(
            (
                "/v1/newsletter",
                "/v1/account",
                "/v1/account/deletion",
                "/v1/account/password",
                "/v1/account/language",
                "/v1/account/name",
                "/v1/account/address",
            ),
            token,
        )
        bearers = tokens | {"/v1/tokens": session}

        def bearer(path: str) -> dict[str, str]:
            return {"Authorization": f"Bearer {bearers[path]}"} if path in bearers else {}

        await try_everything(address, mode, OPERATIONS, headers=bearer, examples=15, excluded=excluded)
