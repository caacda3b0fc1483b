"""Whatever a caller sends, the answer is one that the API's own document names: never a 500."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.core.result import Ok

from catalog.commands.import_videos import VideoImport
from catalog.inbound_http import create_http
from catalog.representations.submission import read_manifest
from newsreel_runtime.database import Database
from newsreel_testing.wait_until import until

Submit = Callable[..., Path]
Opened = Callable[[str], Awaitable[Database]]


@pytest.fixture
async def address(service_database: Opened, submit: Submit, media_root: Path) -> AsyncIterator[str]:
    """The service with one video, on a port of its own, in this event loop."""
    database = await service_database("catalog")
    folder = submit()
    submission = read_manifest((folder / "manifest.json").read_bytes())
    await VideoImport(database, media_root, dry_run=False).run(folder, submission)
    config = uvicorn.Config(create_http(database), port=0, log_config=None, lifespan="off", ws="none")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())

    async def started() -> bool:
        return server.started

    await until(started, "the server")
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await serving


@pytest.mark.parametrize("mode", GenerationMode)
async def test_every_answer_is_documented(address: str, mode: GenerationMode) -> None:
    await asyncio.to_thread(_try_everything, address, mode)


def _try_everything(address: str, mode: GenerationMode) -> None:
    schema = schemathesis.openapi.from_url(f"{address}/openapi.json")
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    assert {operation.label for operation in operations} == {
        "GET /v1/videos",
        "GET /v1/videos/{video_id}",
        "GET /v1/videos/{video_id}/transcripts/{language}",
    }
    for operation in operations:

        @settings(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(generation_mode=mode))
        def each(case: schemathesis.Case[Any]) -> None:
            case.call_and_validate(timeout=10)

        each()
