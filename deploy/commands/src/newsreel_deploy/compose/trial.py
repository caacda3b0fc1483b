"""docker-compose.yml tried: the demo, each container killed, everything taken down and brought up again."""

import asyncio
import json
from contextlib import AsyncExitStack

import httpx

from newsreel_deploy.compose.project import Project
from newsreel_deploy.images.build import build, missing
from newsreel_deploy.images.revision import revision
from newsreel_deploy.steps import Steps
from newsreel_local.demo import run_demo
from newsreel_local.environment import SERVICES
from newsreel_local.journey import Addresses, Journey

KILLED = ("identity", "notifier", "catalog", "delivery", "portal", "edge", "kafka", "postgres")
_MAIL_SECONDS = 180.0  # a container comes back, and a group gets its partitions again


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=30, transport=httpx.AsyncHTTPTransport(retries=3))


async def _registered(addresses: Addresses, stack: AsyncExitStack) -> Journey:
    """A person whose registration was accepted; a page that fails meanwhile is asked again."""
    async with asyncio.timeout(_MAIL_SECONDS):
        while True:
            person = Journey(await stack.enter_async_context(_client()), addresses)
            try:
                await person.register()
            except (httpx.HTTPError, LookupError, RuntimeError):
                await asyncio.sleep(0.5)
            else:
                return person


async def _kill(project: Project, service: str, addresses: Addresses) -> None:
    """Kill it while people register: it comes back, and each gets one mail."""
    async with AsyncExitStack() as stack:
        before = await _registered(addresses, stack)
        restarts = await project.restarts(service)
        await project.kill(service)
        during = await _registered(addresses, stack)
        await project.until_back(service, restarts)
        for person in (before, during):
            await person.mailbox.wait(person.address, seconds=_MAIL_SECONDS)


async def try_compose(project: Project, killed: tuple[str, ...] = KILLED) -> None:
    """All of it, a line a step; the last line is one JSON object. Raises what a step raised."""
    step = Steps("compose")
    addresses = Addresses(project.portal, project.mailpit, mailpit=True)
    for recipe in await missing(project.version):
        await step(f"build {recipe.name}", build(recipe, project.version, revision(), cache=True))
    try:
        await step("docker compose up --wait", project.up())
        for service in SERVICES:
            doctor = project.compose("exec", "-T", service, "newsreel", "doctor")
            await step(f"newsreel doctor in {service}: all is well", doctor)
        await step("the demo", run_demo(addresses))
        for service in killed:
            await step(f"kill -9 {service}: it comes back, mails arrive", _kill(project, service, addresses))
        async with AsyncExitStack() as stack:
            person = Journey(await stack.enter_async_context(_client()), addresses)
            await step("a person registers", person.registered())
            await step("docker compose down", project.compose("down"))
            await step("docker compose up --wait", project.up())
            later = Journey(await stack.enter_async_context(_client()), addresses)
            later.address, later.password = person.address, person.password
            await step("the same person signs in, in another browser", later.sign_in())
            await step("and sees the videos", later.first_video())
    finally:
        await step("everything is removed", project.compose("down", "--volumes", "--remove-orphans"))
    print(json.dumps({"steps": step.count}), flush=True)
