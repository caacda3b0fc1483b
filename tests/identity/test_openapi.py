"""Whatever a caller sends, the answer is one that the API's own document names: never a 500."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from identity.inbound_http import create_http
from newsreel_runtime.clock import now
from newsreel_testing.identity_service import PASSWORD, Identity
from newsreel_testing.wait_until import until

OPERATIONS = {
    "POST /v1/registrations",
    "GET /v1/password-policy",
    "POST /v1/challenges/{challenge_id}/codes",
    "POST /v1/challenges/{challenge_id}/verification",
    "POST /v1/resets",
    "POST /v1/resets/{challenge_id}/password",
    "POST /v1/sessions",
    "DELETE /v1/sessions/current",
    "POST /v1/tokens",
    "PUT /v1/newsletter",
    "DELETE /v1/newsletter",
    "GET /.well-known/jwks.json",
    "GET /.well-known/openid-configuration",
}


@pytest.fixture
async def address(identity: Identity) -> AsyncIterator[str]:
    """The service on a port of its own, in this event loop."""
    config = uvicorn.Config(
        create_http(identity.dependencies), port=0, log_config=None, lifespan="off", ws="none"
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())

    async def started() -> bool:
        return server.started

    await until(started, "the server")
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await serving


@pytest.mark.parametrize("mode", GenerationMode)
async def test_every_answer_is_documented(identity: Identity, address: str, mode: GenerationMode) -> None:
    await identity.make_account("ada@example.org", now())
    async with httpx.AsyncClient(base_url=address) as client:
        body = {"address": "ada@example.org", "password": PASSWORD}
        session = (await client.post("/v1/sessions", json=body)).json()["session"]
        headers = {"Authorization": f"Bearer {session}"}
        token = (await client.post("/v1/tokens", headers=headers)).json()["access_token"]
    bearers = {"/v1/newsletter": token, "/v1/tokens": session}
    await asyncio.to_thread(_try_everything, address, bearers, mode)


def _try_everything(address: str, bearers: dict[str, str], mode: GenerationMode) -> None:
    schema = schemathesis.openapi.from_url(f"{address}/openapi.json")
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    assert {operation.label for operation in operations} == OPERATIONS
    for operation in operations:
        has_input = bool(operation.body) or bool(operation.path_parameters)
        if mode is GenerationMode.NEGATIVE and not has_input:
            continue  # nothing to get wrong
        bearer = bearers.get(operation.path)
        _try(operation, {"Authorization": f"Bearer {bearer}"} if bearer else {}, mode)


def _try(operation: Any, headers: dict[str, str], mode: GenerationMode) -> None:
    @settings(max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def each(case: schemathesis.Case[Any]) -> None:
        # What a schema cannot say (an address, a policy, a code) is refused although the schema holds.
        excluded: list[Any] = [positive_data_acceptance]
        if operation.label == "DELETE /v1/sessions/current":
            excluded.append(ignored_auth)  # ending what is over is no error (RFC 7009 §2.2)
        case.call_and_validate(headers=headers, timeout=10, excluded_checks=excluded)

    each()
