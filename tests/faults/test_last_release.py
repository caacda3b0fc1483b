"""The last release and this checkout on one database and one bus, as while a cluster is updated.

Expand, deploy, contract (CONTRIBUTING): the services of the last release work on the new schema, and
beside the new ones; the new ones do not start before the schema is theirs.
"""

import asyncio
import contextlib
import sys
from asyncio.subprocess import PIPE, STDOUT, create_subprocess_exec
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from newsreel_local.environment import SERVICES
from newsreel_local.journey import Addresses, Journey
from newsreel_local.process import Command, Process
from newsreel_local.secrets_file import DATABASE_OWNERS
from newsreel_local.stack import RunningStack, running_stack
from newsreel_local.visitor import PageError
from newsreel_testing.last_release import new_migrations, release_commit, unpacked
from newsreel_testing.wait_until import free_port, until


@pytest.fixture(scope="module")
async def last(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningStack]:
    """The stack of the last release, with the libraries of its own lock."""
    checkout = unpacked(release_commit())
    bootstrap = str(checkout / "deploy" / "local" / "bootstrap.py")
    prepared = await create_subprocess_exec(sys.executable, bootstrap, stdout=PIPE, stderr=STDOUT)
    said, _ = await asyncio.wait_for(prepared.communicate(), 600)
    assert prepared.returncode == 0, f"the last release cannot be installed: {said.decode()[-500:]}"
    python = str(checkout / ".venv" / "bin" / "python")
    async with running_stack(tmp_path_factory.mktemp("stack"), python=python) as stack:
        yield stack


def environment(last: RunningStack, service: str) -> dict[str, str]:
    """That of the last release's process, and what the new one needs beside."""
    text = Path(f"/proc/{last.pid(service)}/environ").read_text()
    variables = dict(line.split("=", 1) for line in text.split("\0") if "=" in line)
    variables.pop("NEWSREEL_KAFKA_INSTANCE", None)
    return variables | {"NEWSREEL_UNSUBSCRIBE_KEYS": f"k1:{'ab' * 32}"}


async def run(variables: dict[str, str], module: str, *words: str) -> tuple[int | None, str]:
    """A command of this checkout that ends by itself: its exit code, and what it says."""
    command = (sys.executable, "-m", module, *words)
    started = await create_subprocess_exec(*command, env=variables, stdout=PIPE, stderr=STDOUT)
    output, _ = await asyncio.wait_for(started.communicate(), 60)
    return started.returncode, output.decode()


async def walk(portal: str, mailbox: str) -> None:
    """Somebody registers, signs in, gets a ticket and sets a new password."""
    async with httpx.AsyncClient(timeout=30) as client:
        person = Journey(client, Addresses(portal, mailbox))
        await person.registered()
        video = await person.first_video()

        async def has_ticket() -> bool:
            # The catalogue shows a video a moment before its event has reached delivery.
            with contextlib.suppress(PageError):
                return "/download/" in await person.ticket(video)
            return False

        await until(has_ticket, "a ticket for the video")
        await person.subscribe()
    async with httpx.AsyncClient(timeout=30) as client:
        later = Journey(client, Addresses(portal, mailbox))
        later.address = person.address
        code_page = await later.forget(await later.visitor.visit(video.path))
        mail = await later.mailbox.wait(later.address, count=2)
        sign_in = await later.choose_password(await later.enter_code(code_page, mail.code))
        assert (await later.sign_in(sign_in)).status == 200


async def start_new(last: RunningStack, stack: AsyncExitStack, log: Path) -> str:
    """Every new service beside the last release's, ready; returns the new portal's origin."""
    ports = {service: free_port() for service in SERVICES}
    origins = {service: f"http://127.0.0.1:{port}" for service, port in ports.items()}
    own = {f"NEWSREEL_PORTAL_{service.upper()}_ORIGIN": origin for service, origin in origins.items()}
    own["NEWSREEL_PORTAL_ORIGIN"] = origins["portal"]
    for service in SERVICES:
        changed = {"NEWSREEL_HTTP_PORT": str(ports[service])} | (own if service == "portal" else {})
        variables = environment(last, service) | changed
        command = Command([sys.executable, "-m", service, "serve"], log / f"{service}.log", variables)
        stack.push_async_callback((await Process.start(command)).stop)
    async with httpx.AsyncClient() as client:

        async def are_ready() -> bool:
            try:
                answers = [await client.get(f"{origin}/health/ready") for origin in origins.values()]
            except httpx.TransportError:
                return False
            return all(answer.status_code == 200 for answer in answers)

        await until(are_ready, "readiness of the new services", deadline=120)
    return origins["portal"]


async def test_an_update_goes_on_under_the_feet_of_the_last_release(
    last: RunningStack, tmp_path: Path
) -> None:
    portal, mailbox = last.ports.origin("edge"), last.ports.origin("mailbox")  # it had no edge: its portal
    await walk(portal, mailbox)
    new = new_migrations(release_commit())
    behind = {
        name for name in DATABASE_OWNERS if {name, "newsreel_runtime"} & {file.parts[-3] for file in new}
    }
    for service in DATABASE_OWNERS:
        variables = environment(last, service)
        code, said = await run(variables, service, "migrate", "--wait", "0")
        assert (code != 0) == (service in behind)
        if service in behind:
            assert "is not applied: run `python -m" in said
            assert await run(variables, service, "serve") == (1, said)
    for service in DATABASE_OWNERS:
        code, said = await run(environment(last, service), service, "migrate")
        assert code == 0, said
    code, said = await run(last.layout.administrator(), "newsreel_runtime.command", "bus", "apply")
    assert code == 0, said
    await walk(portal, mailbox)
    async with AsyncExitStack() as stack:
        beside = await start_new(last, stack, tmp_path)
        await walk(beside, mailbox)
        await walk(portal, mailbox)
