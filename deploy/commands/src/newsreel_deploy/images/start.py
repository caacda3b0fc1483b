"""How long a service takes from its container's start to its readiness."""

import asyncio
import time
from datetime import datetime

import httpx

from newsreel_deploy.compose.project import Project, docker
from newsreel_deploy.images.recipes import SERVICES


async def start_seconds(project: Project) -> dict[str, float]:
    """Each service of the running `project`, stopped and started again, one after another.

    Asks the container's own address, which this machine can reach where Docker runs on Linux.
    Raises `ComposeError`, or `TimeoutError` after a minute.
    """
    return {service: await _one(project, service) for service in SERVICES}


async def _one(project: Project, service: str) -> float:
    container = (await project.compose("ps", "--quiet", service)).strip()
    await docker("stop", container)
    await docker("start", container)
    shown = await docker(
        "inspect",
        "--format",
        "{{.State.StartedAt}} {{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}",
        container,
    )
    started, address = shown.split()
    async with httpx.AsyncClient(timeout=5, trust_env=False) as client, asyncio.timeout(60):
        while True:
            if await _ready(client, f"http://{address}:8080/health/ready"):
                return time.time() - datetime.fromisoformat(started).timestamp()
            await asyncio.sleep(0.01)


async def _ready(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).status_code == 200
    except httpx.TransportError:
        return False
