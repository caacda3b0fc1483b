"""The whole process: settings from the environment, events in and out by Kafka, an orderly stop."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from newsreel_events.catalog import VideoPublishedV1
from newsreel_events.delivery import DOWNLOAD
from newsreel_events.identity import AccountStateV1, AccountVerifiedV1
from newsreel_runtime.ids import new_id
from newsreel_runtime.settings import Kafka, Postgres
from newsreel_testing.bus import foreign_producer, reading, send
from newsreel_testing.databases import Databases
from newsreel_testing.delivery_service import NOON, Issuer, a_rendition, a_video
from newsreel_testing.environment import environment_of
from newsreel_testing.wait_until import free_port, until


@asynccontextmanager
async def identity(issuer: Issuer) -> AsyncIterator[str]:
    """A server with the issuer's keys."""

    async def keys(_: Request) -> JSONResponse:
        return JSONResponse(issuer.jwks)

    app = Starlette(routes=[Route("/.well-known/jwks.json", keys)])
    server = uvicorn.Server(uvicorn.Config(app, port=free_port(), log_config=None, lifespan="off", ws="none"))
    serving = asyncio.create_task(server.serve())

    async def started() -> bool:
        return server.started

    await until(started, "the keys")
    yield f"http://127.0.0.1:{server.config.port}"
    server.should_exit = True
    await serving


@asynccontextmanager
async def process(environment: dict[str, str], port: int) -> AsyncIterator[Process]:
    """`python -m delivery serve`, ready; killed at the end if it is still there."""
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "delivery", "serve", env=os.environ | environment
    )

    async def ready() -> bool:
        assert started.returncode is None
        async with httpx.AsyncClient() as client:
            try:
                return (await client.get(f"http://127.0.0.1:{port}/health/ready")).status_code == 200
            except httpx.TransportError:
                return False

    try:
        await until(ready, "delivery to be ready", deadline=30)
        yield started
    finally:
        if started.returncode is None:
            started.kill()
            await started.wait()


def environment(postgres: Postgres, kafka: Kafka, port: int, media_root: Path, issuer: str) -> dict[str, str]:
    return environment_of(postgres, kafka) | {
        "NEWSREEL_ENVIRONMENT": "test",
        "NEWSREEL_HTTP_PORT": str(port),
        "NEWSREEL_DELIVERY_PUBLIC_ORIGIN": f"http://127.0.0.1:{port}",
        "NEWSREEL_DELIVERY_TICKET_ORIGIN": "http://127.0.0.1:1",
        "NEWSREEL_DELIVERY_IDENTITY_ORIGIN": issuer,
        "NEWSREEL_DELIVERY_URL_KEYS": f"k1:{'5a' * 32}",
        "NEWSREEL_DELIVERY_MEDIA_ROOT": str(media_root),
    }


async def test_from_events_to_the_word_to_the_edge(
    databases: Databases, kafka: Kafka, tmp_path: Path
) -> None:
    content = bytes(range(256)) * 4000
    rendition, account, port = a_rendition(content), new_id(), free_port()
    video = a_video(rendition)
    folder = tmp_path / str(rendition.rendition_id)
    folder.mkdir()
    (folder / rendition.file).write_bytes(content)
    state = AccountStateV1(account_id=account, status="active", sessions_valid_after=NOON)
    issuer = Issuer()
    async with (
        databases.fresh("delivery") as postgres,
        identity(issuer) as origin,
        foreign_producer(kafka) as producer,
        reading(kafka, [DOWNLOAD]) as downloads,
        process(environment(postgres, kafka, port, tmp_path, origin), port) as running,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        issuer.name = origin
        client.headers.update(issuer.bearer(account, NOON.replace(hour=13)))
        await send(producer, AccountVerifiedV1(account=state))
        await send(producer, VideoPublishedV1(video=video))

        async def granted() -> httpx.Response | None:
            wanted = {"video_id": str(video.video_id), "rendition_id": str(rendition.rendition_id)}
            answer = await client.post("/v1/grants", json=wanted)
            return answer if answer.status_code == 201 else None

        grant = (await until(granted, "the account and the video to arrive")).json()["grant_id"]
        ticket = await client.get(f"/download/{grant}")
        answer = await client.get(ticket.headers["location"])
        named = f"/media/{rendition.rendition_id}/{rendition.file}"
        assert (answer.status_code, answer.headers["x-accel-redirect"]) == (200, named)

        records = await until(lambda: downloads.at_least(2), "the events of the download")
        assert [record.key.decode() for record in records] == [grant, grant]
        running.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(running.wait(), 15) == 0
