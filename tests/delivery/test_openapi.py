"""Whatever a caller sends, the answer is one that the API's own document names: never a 500."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.core.result import Ok

from newsreel_testing.delivery_service import Delivery
from newsreel_testing.wait_until import until


@pytest.fixture
async def address(delivery: Delivery) -> AsyncIterator[str]:
    """The service on a port of its own, in this event loop."""
    server = uvicorn.Server(uvicorn.Config(delivery.app, port=0, log_config=None, lifespan="off", ws="none"))
    serving = asyncio.create_task(server.serve())

    async def started() -> bool:
        return server.started

    await until(started, "the server")
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await serving


@pytest.mark.parametrize("mode", GenerationMode)
async def test_every_answer_is_documented(delivery: Delivery, address: str, mode: GenerationMode) -> None:
    bearer = delivery.issuer.bearer(await delivery.account())
    await asyncio.to_thread(_try_everything, address, bearer, mode)


def _try_everything(address: str, bearer: dict[str, str], mode: GenerationMode) -> None:
    schema = schemathesis.openapi.from_url(f"{address}/openapi.json")
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    assert {operation.label for operation in operations} == {
        "POST /v1/grants",
        "GET /download/{grant_id}",
        "HEAD /download/{grant_id}",
        "GET /r/{rendition_id}/{file}",
        "HEAD /r/{rendition_id}/{file}",
        "GET /posters/{video_id}.jpg",
        "HEAD /posters/{video_id}.jpg",
    }
    for operation in operations:

        @settings(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(generation_mode=mode))
        def each(case: schemathesis.Case[Any]) -> None:
            case.call_and_validate(headers=bearer, timeout=10, allow_redirects=False)

        each()
