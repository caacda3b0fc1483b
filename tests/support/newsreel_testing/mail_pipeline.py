"""The pipeline of a code mail with real parts, and processes that are killed on it."""

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from newsreel_local import bus, databases, programs
from newsreel_local.environment import Layout
from newsreel_local.health import until_ready
from newsreel_local.paths import LocalDir
from newsreel_local.ports import Ports, free_base
from newsreel_local.process import Command, Process
from newsreel_local.secrets_file import load_or_make
from newsreel_local.supervisor import Supervisor

_REFERENCE = re.compile(r"^Message-ID: <\w+\.([0-9a-f-]{36})\.\d+@", re.MULTILINE)

Armed = Callable[[int], dict[str, str]]  # the variables of the n-th life of a process


class RestartingService:
    """A service's process that is started again at once when it dies."""

    def __init__(self, layout: Layout, service: str, armed: Armed) -> None:
        self._layout = layout
        self._armed = armed
        self.service = service
        self.deaths = 0
        self._process: Process | None = None
        self._watching: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """The first life."""
        await self._live()
        self._watching = asyncio.create_task(self._watch())

    async def _live(self) -> None:
        unwatched = {"NEWSREEL_OTLP_ENDPOINT": ""}  # nobody collects spans here
        environment = self._layout.process(self.service) | unwatched | self._armed(self.deaths)
        log = self._layout.local.log(self.service)
        self._process = await Process.start(
            Command([sys.executable, "-m", self.service, "serve"], log, environment)
        )

    async def _watch(self) -> None:
        while self._process is not None:
            code = await self._process.wait()
            assert code == -signal.SIGKILL, f"{self.service} ended with {code}: {self._process.last_words()}"
            self.deaths += 1
            await self._live()

    async def ready(self) -> None:
        """Return when it is ready."""
        await until_ready(self._layout.ports[self.service])

    def kill(self) -> None:
        """SIGKILL."""
        assert self._process is not None
        if self._process.returncode is None:
            os.kill(self._process.pid, signal.SIGKILL)

    async def stop(self) -> None:
        """An orderly end. Raises what went wrong while it was kept."""
        assert self._watching is not None
        assert self._process is not None
        if self._watching.done():
            self._watching.result()
        self._watching.cancel()
        await self._process.stop()


class MailPipeline:
    """Everything between the press of the button and the mail server."""

    def __init__(self, layout: Layout, identity: RestartingService, notifier: RestartingService) -> None:
        self.layout = layout
        self.identity = identity
        self.notifier = notifier
        self.accepted: list[str] = []

    async def register(self, client: httpx.AsyncClient, address: str) -> None:
        """Ask for a code once; only an answer that the person got counts as accepted."""
        body = {"address": address, "password": "Correct-Horse-7", "locale": "en"}
        try:
            answer = await client.post(f"{self.layout.ports.origin('identity')}/v1/registrations", json=body)
        except httpx.HTTPError:
            return
        if answer.status_code == httpx.codes.ACCEPTED:
            self.accepted.append(answer.json()["challenge_id"])

    def delivered(self) -> dict[str, int]:
        """How many mails the server took, by challenge."""
        counts: dict[str, int] = {}
        for path in self.layout.local.data("mail").glob("*.json"):
            found = _REFERENCE.search(json.loads(path.read_bytes())["raw"])
            assert found, path
            reference = found[1]
            counts[reference] = counts.get(reference, 0) + 1
        return counts

    def missing(self) -> set[str]:
        """Accepted challenges whose mail has not arrived."""
        return set(self.accepted) - self.delivered().keys()


@asynccontextmanager
async def open_pipeline(folder: Path, identity: Armed, notifier: Armed) -> AsyncIterator[MailPipeline]:
    """PostgreSQL, Kafka, a mail server, and the two services with their variables."""
    local = LocalDir(folder)
    local.make()
    layout = Layout(local, Ports(free_base()), load_or_make(local.secrets))
    supervisor = Supervisor(lambda _name, _text: None)
    try:
        await asyncio.gather(
            supervisor.start(programs.postgres(layout)),
            supervisor.start(programs.kafka(layout, lambda _name, _text: None)),
            supervisor.start(programs.program("mailbox", programs.commands(layout)["mailbox"])),
        )
        await asyncio.gather(databases.prepare(layout), bus.prepare(layout))
        pipeline = MailPipeline(
            layout,
            RestartingService(layout, "identity", identity),
            RestartingService(layout, "notifier", notifier),
        )
        await asyncio.gather(pipeline.identity.start(), pipeline.notifier.start())
        try:
            await asyncio.gather(pipeline.identity.ready(), pipeline.notifier.ready())
            yield pipeline
        finally:
            await asyncio.gather(pipeline.identity.stop(), pipeline.notifier.stop())
    finally:
        await supervisor.stop()
