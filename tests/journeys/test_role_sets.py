"""Each service as the processes that a cluster runs: what answers, what does not, and an orderly stop."""

import signal
import sys
from asyncio.subprocess import DEVNULL, Process, create_subprocess_exec
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from newsreel_local.stack import RunningStack
from newsreel_testing.wait_until import free_port, until

HTTP, WORKER = "http", "consume,relay,timer"
# A path of each API, and what it answers to a stranger.
PATHS = {
    "identity": ("/v1/password-policy", 200),
    "catalog": ("/v1/videos", 200),
    "delivery": ("/v1/grants/01a218a9-0000-7000-8000-000000000000/file", 401),
    "portal": ("/sign-in", 200),
}
DEPLOYED = [
    *((service, HTTP) for service in PATHS),
    *((service, WORKER) for service in ("identity", "notifier", "catalog", "delivery")),
]


@asynccontextmanager
async def process(stack: RunningStack, service: str, roles: str) -> AsyncIterator[tuple[Process, str]]:
    """One more process of the service, beside the stack's own, and its origin."""
    port = free_port()
    variables = stack.layout.process(service) | {"NEWSREEL_HTTP_PORT": str(port)}
    variables.pop("NEWSREEL_KAFKA_INSTANCE", None)  # that is the name of the stack's own
    command = (sys.executable, "-m", service, "serve", "--roles", roles)
    started = await create_subprocess_exec(*command, env=variables, stdout=DEVNULL, stderr=DEVNULL)
    try:
        yield started, f"http://127.0.0.1:{port}"
    finally:
        if started.returncode is None:
            started.kill()
            await started.wait()


@pytest.mark.parametrize(("service", "roles"), DEPLOYED)
async def test_a_process_does_what_its_roles_say(stack: RunningStack, service: str, roles: str) -> None:
    async with process(stack, service, roles) as (running, origin), httpx.AsyncClient() as client:

        async def is_ready() -> bool:
            try:
                return (await client.get(f"{origin}/health/ready")).status_code == 200
            except httpx.TransportError:
                return False

        await until(is_ready, "readiness", deadline=60)
        assert (await client.get(f"{origin}/health/live")).status_code == 200
        path, status = PATHS.get(service, ("/", 404))
        assert (await client.get(f"{origin}{path}")).status_code == (status if roles == HTTP else 404)
        running.send_signal(signal.SIGTERM)
        assert await running.wait() == 0
