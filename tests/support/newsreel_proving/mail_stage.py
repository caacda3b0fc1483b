"""Everything between the button and the mail server, kept running by the local stack's supervisor."""

import asyncio
import random
import re
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Self

from newsreel_local import bus, databases, programs
from newsreel_local.environment import Layout
from newsreel_local.health import until_ready
from newsreel_local.paths import LocalDir
from newsreel_local.ports import Ports, free_base
from newsreel_local.process import Process
from newsreel_local.secrets_file import load_or_make
from newsreel_local.supervisor import Program, Supervisor
from newsreel_runtime.database import Database
from newsreel_runtime.settings import Postgres
from newsreel_testing.fake_smtp import MailServer
from newsreel_testing.wait_until import free_port, until

NOTIFIERS = ("notifier", "notifier-b")
_POINTS = {
    "identity": ("relay.fetched", "relay.acknowledged", "consumer.applied", "consumer.committed"),
    "notifier": ("mail.queued", "mail.claimed", "mail.delivered", "consumer.committed", "relay.acknowledged"),
}
_ARMED = 0.3  # of the lives of a service
_REFERENCE = re.compile(rb"^Message-ID: <\w+\.([0-9a-f-]{36})\.\d+@", re.MULTILINE)


class MailStage:
    """What can be killed, and what came of it."""

    def __init__(self, layout: Layout, mails: MailServer, chosen: random.Random) -> None:
        self._layout = layout
        self._mails = mails
        self._chosen = chosen
        self._supervisor = Supervisor(self._say)
        self._ports = dict(zip(NOTIFIERS, (layout.ports["notifier"], free_port()), strict=True))
        self.kills = 0

    @classmethod
    @asynccontextmanager
    async def open(cls, folder: Path, chosen: random.Random) -> AsyncIterator[Self]:
        """All parts, ready."""
        local = LocalDir.made(folder)
        layout, mails = Layout(local, Ports(free_base()), load_or_make(local.secrets)), MailServer()
        mails.port = layout.ports["smtp"]
        stage = cls(layout, mails, chosen)
        try:
            await mails.start()
            await stage._start()
            yield stage
        finally:
            await stage._supervisor.stop()
            await mails.stop()

    async def _start(self) -> None:
        start, layout = self._supervisor.start, self._layout
        await asyncio.gather(
            start(programs.postgres(layout)), start(programs.kafka(layout, lambda _name, _text: None))
        )
        await asyncio.gather(databases.prepare(layout), bus.prepare(layout))
        for name in ("identity", *NOTIFIERS):
            await start(self._service(name))
        await asyncio.gather(
            *(until_ready(port) for port in (layout.ports["identity"], *self._ports.values()))
        )
        self._supervisor.settle()

    def _service(self, name: str) -> Program:
        service = name.partition("-")[0]
        command = programs.commands(self._layout)[service]
        own = {"NEWSREEL_OTLP_ENDPOINT": ""}  # nobody collects spans here
        if service == "notifier":
            own |= {
                "NEWSREEL_HTTP_PORT": str(self._ports[name]),
                "NEWSREEL_KAFKA_INSTANCE": name,
                "NEWSREEL_NOTIFIER_SEND_LEASE": "2",  # a dead sender's mails are taken up again soon
            }

        async def start() -> Process:
            point = f"{self._chosen.choice(_POINTS[service])}:{self._chosen.randint(1, 20)}"
            armed = {"NEWSREEL_FAILPOINTS": point} if self._chosen.random() < _ARMED else {}
            return await Process.start(replace(command, environment={**command.environment, **own, **armed}))

        return Program(name, start, 3)

    def _say(self, _: str, text: str) -> None:
        self.kills += "SIGKILL" in text

    @property
    def origin(self) -> str:
        """Identity's address."""
        return self._layout.ports.origin("identity")

    @property
    def pids(self) -> Mapping[str, int]:
        """The processes that live now, by name."""
        return self._supervisor.pids

    async def mail_server_dies(self, seconds: float) -> None:
        """It cuts all connections, refuses new ones, and is back after so many seconds."""
        await self._mails.stop()
        self.kills += 1
        await asyncio.sleep(seconds)
        await self._mails.start()

    def arrived(self) -> list[tuple[str, datetime]]:
        """The challenge of each mail that the server took, copies too, and when."""
        found = ((_REFERENCE.search(mail.content), mail.at) for mail in self._mails.arrived)
        return [(reference[1].decode(), at) for reference, at in found if reference]

    async def drained(self, promised: Iterable[str]) -> None:
        """Returns when every mail has come and none is under way, or two minutes later."""

        async def all_ended() -> bool:
            if set(promised) - {challenge for challenge, _ in self.arrived()}:
                return False
            return not await self._counted("SELECT count(*)::int AS n FROM mail WHERE ended_at IS NULL")

        try:
            await until(all_ended, "the last mails", deadline=120, pause=0.2)
        except AssertionError as waited:
            print(waited, flush=True)

    async def losses(self) -> dict[str, int]:
        """How often the outcome of a mail was not known, by challenge, where it ever was."""
        async with Database.open(self._database()) as database, database.read() as sql:
            rows = await sql.fetch("SELECT reference_id::text, losses FROM mail WHERE losses > 0")
        return {row["reference_id"]: row["losses"] for row in rows}

    async def _counted(self, query: str) -> int:
        async with Database.open(self._database()) as database, database.read() as sql:
            counted: int = await sql.fetchval(query)
            return counted

    def _database(self) -> Postgres:
        group = "NEWSREEL_POSTGRES_"
        return Postgres.model_validate(self._layout.group(group, self._layout.settings("notifier")))
