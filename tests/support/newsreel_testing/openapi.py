"""Whatever a caller sends, the answer is one that the API's own document names: never a 500."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import schemathesis
import uvicorn
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.core.result import Ok

from newsreel_testing.wait_until import until

Headers = Mapping[str, str]


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """The address of the app on a port of its own, in this event loop."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off", ws="none"))
    serving = asyncio.create_task(server.serve())

    async def started() -> bool:
        return server.started

    await until(started, "the server")
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await serving


async def try_everything(
    address: str,
    mode: GenerationMode,
    expected: set[str],
    *,
    headers: Callable[[str], Headers] = lambda _: {},
    examples: int = 40,
    excluded: Callable[[str], Sequence[Any]] = lambda _: (),
) -> None:
    """Send what the document allows, or what it does not, to each of the `expected` operations.

    `headers` of a path, and the checks that are `excluded` for an operation, are the caller's.
    """

    def run() -> None:
        schema = schemathesis.openapi.from_url(f"{address}/openapi.json")
        operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
        assert {operation.label for operation in operations} == expected
        for operation in operations:
            has_input = bool(operation.body) or bool(operation.path_parameters) or bool(operation.query)
            if mode is GenerationMode.NEGATIVE and not has_input:
                continue  # nothing to get wrong

            @settings(
                max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck)
            )
            @given(case=operation.as_strategy(generation_mode=mode))
            def each(case: schemathesis.Case[Any]) -> None:
                case.call_and_validate(
                    headers=dict(headers(case.operation.path)),
                    timeout=10,
                    excluded_checks=list(excluded(case.operation.label)),
                    allow_redirects=False,
                )

            each()

    await asyncio.to_thread(run)
