"""PostgreSQL, Kafka, identity and the notifier as `make up` has them, beside the benchmark's mail server."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process, create_subprocess_exec
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from benchmarks.http_client import Http
from benchmarks.mail.load import Arrivals, Deed
from newsreel_local import bus, databases, programs
from newsreel_local.environment import Layout
from newsreel_local.health import until_ready
from newsreel_local.paths import LocalDir
from newsreel_local.ports import Ports, free_base
from newsreel_local.secrets_file import load_or_make
from newsreel_local.supervisor import Supervisor
from newsreel_runtime.database import Database
from newsreel_runtime.settings import Postgres

# Verified accounts, made a while ago. Nobody signs in, so the hash may be anything.
_ACCOUNTS = """
INSERT INTO account (account_id, address, address_key, locale, status, password_hash,
                     sessions_valid_after, registered_at, verified_at)
SELECT gen_random_uuid(), address, address, (ARRAY['en', 'fr', 'uk'])[1 + n % 3], 'active', 'none',
       now() - interval '1 day', now() - interval '1 day', now() - interval '1 day'
FROM (SELECT n, 'known' || n || '@example.org' AS address FROM generate_series(1, $1) AS n) AS made
"""


@dataclass
class Stage:
    """What a phase works with. Every address is used once."""

    layout: Layout
    http: Http
    arrivals: Arrivals
    first_mail: Path
    known: Iterator[str]
    strangers: Iterator[str]
    _sink: Process

    async def mood(self, text: str) -> None:
        """How the mail server is from now on."""
        if self._sink.stdin is None:
            raise ValueError("the sink has no standard input")
        self._sink.stdin.write(f"{text}\n".encode())
        await self._sink.stdin.drain()

    def postgres(self, service: str) -> Postgres:
        """The database of a service."""
        group = "NEWSREEL_POSTGRES_"
        return Postgres.model_validate(self.layout.group(group, self.layout.settings(service)))

    def asking(self, path: str, **more: str) -> Deed:
        """Somebody asks for a code."""

        async def ask(to: str) -> bool:
            status, _ = await self.http.post(path, json.dumps({"address": to, **more}))
            return status == 202

        return ask


@asynccontextmanager
async def opened(folder: Path, accounts: int) -> AsyncIterator[Stage]:
    """Everything runs, and so many accounts are known."""
    local = LocalDir.made(folder)
    layout = Layout(local, Ports(free_base()), load_or_make(local.secrets))
    supervisor = Supervisor(lambda _name, _text: None)
    first = folder / "first-mail"
    ports = (str(layout.ports["smtp"]), str(layout.ports["traces"]))
    sink = await create_subprocess_exec(
        sys.executable, "-m", "benchmarks.mail.sink", *ports, str(first), stdin=PIPE, stdout=PIPE
    )
    try:
        if sink.stdout is None:
            raise ValueError("the sink says nothing")
        await asyncio.gather(
            supervisor.start(programs.postgres(layout)),
            supervisor.start(programs.kafka(layout, lambda _name, _text: None)),
        )
        await asyncio.gather(databases.prepare(layout), bus.prepare(layout))
        for service in ("identity", "notifier"):
            command = programs.commands(layout)[service]
            by_hand = {**command.environment, "NEWSREEL_NOTIFIER_NEWSLETTER": "never"}
            await supervisor.start(programs.program(service, replace(command, environment=by_hand)))
        await asyncio.gather(*(until_ready(layout.ports[service]) for service in ("identity", "notifier")))
        known = (f"known{number}@example.org" for number in range(1, accounts + 1))
        strangers = (f"stranger{number}@example.org" for number in count())
        http = Http(layout.ports["identity"])
        stage = Stage(layout, http, Arrivals(sink.stdout), first, known, strangers, sink)
        async with Database.open(stage.postgres("identity")) as database, database.begin() as tx:
            await tx.sql.execute(_ACCOUNTS, accounts)
        yield stage
    finally:
        await supervisor.stop()
        sink.terminate()
        await sink.wait()
