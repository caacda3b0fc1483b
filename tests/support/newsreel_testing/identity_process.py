"""Identity in a process of its own: the role `http` alone, with the keys of `Identity`."""

import json
import os
import sys
from asyncio.subprocess import DEVNULL, create_subprocess_exec
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from newsreel_runtime.settings import Postgres
from newsreel_testing.environment import environment_of
from newsreel_testing.identity_service import LOOKUP, RING, SIGNING_KEY
from newsreel_testing.wait_until import free_port, until


@asynccontextmanager
async def identity_process(postgres: Postgres) -> AsyncIterator[str]:
    """Its origin, once it is ready. It believes a caller's X-Forwarded-For."""
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    variables = environment_of(postgres) | {
        "NEWSREEL_ENVIRONMENT": "test",
        "NEWSREEL_KAFKA_BOOTSTRAP": "127.0.0.1:9",  # this role does not use it
        "NEWSREEL_HTTP_PORT": str(port),
        "NEWSREEL_HTTP_TRUSTED_PROXIES": "127.0.0.1",
        "NEWSREEL_CODE_KEYS": RING,
        "NEWSREEL_UNSUBSCRIBE_KEYS": RING,
        "NEWSREEL_IDENTITY_SIGNING_KEY": json.dumps(SIGNING_KEY.as_dict(private=True)),
        "NEWSREEL_IDENTITY_ISSUER": origin,
        "NEWSREEL_IDENTITY_LOOKUP_KEY": LOOKUP,
    }
    command = (sys.executable, "-m", "identity", "serve", "--roles", "http")
    process = await create_subprocess_exec(*command, env=os.environ | variables, stdout=DEVNULL)
    try:
        async with httpx.AsyncClient(base_url=origin) as client:

            async def is_ready() -> bool:
                try:
                    return (await client.get("/health/ready")).is_success
                except httpx.TransportError:
                    return False

            await until(is_ready, "identity", deadline=30)
        yield origin
    finally:
        process.terminate()
        await process.wait()
