"""A delivery process that does what is done by the clock: the role `timer`."""

import os
import sys
from asyncio.subprocess import DEVNULL, Process, create_subprocess_exec
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from newsreel_runtime.settings import Postgres
from newsreel_testing.delivery_service import IDENTITY, MEDIA, PORTAL
from newsreel_testing.environment import environment_of
from newsreel_testing.wait_until import free_port


@asynccontextmanager
async def delivery_timers(postgres: Postgres, fail_point: str = "") -> AsyncIterator[Process]:
    """Running until it is killed, or the end; it kills itself at `fail_point`."""
    variables = environment_of(postgres) | {
        "NEWSREEL_ENVIRONMENT": "test",
        "NEWSREEL_FAILPOINTS": fail_point,
        "NEWSREEL_KAFKA_BOOTSTRAP": "127.0.0.1:9",  # the role timer does not use it
        "NEWSREEL_HTTP_PORT": str(free_port()),
        "NEWSREEL_DELIVERY_PUBLIC_ORIGIN": MEDIA,
        "NEWSREEL_DELIVERY_TICKET_ORIGIN": PORTAL,
        "NEWSREEL_DELIVERY_IDENTITY_ORIGIN": IDENTITY,
        "NEWSREEL_DELIVERY_URL_KEYS": f"k1:{bytes(range(32)).hex()}",
    }
    command = (sys.executable, "-m", "delivery", "serve", "--roles", "timer")
    process = await create_subprocess_exec(*command, env=os.environ | variables, stdout=DEVNULL)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
