"""`make prove-newsletter KILLS=40`: notifiers are killed while they queue and send issues.

Two notifiers work on one database; one of them is killed with SIGKILL again and again, and started anew.
Every subscriber must get every issue. A copy of a mail is counted apart where its sender died between the
mail server's 250 and the commit: there nobody can know, and the copy has the same Message-ID.
"""

import argparse
import asyncio
import json
import random
import shutil
import sys
from asyncio.subprocess import DEVNULL, Process, create_subprocess_exec
from collections import Counter
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from newsreel_local.paths import LocalDir
from newsreel_local.ports import free_ports
from newsreel_local.postgres import PostgresServer
from newsreel_runtime.clock import now
from newsreel_runtime.database import Database
from newsreel_runtime.migrate import migrate
from newsreel_testing.fake_smtp import MailServer, mail_server
from newsreel_testing.newsletter_stage import Newsletters
from newsreel_testing.sender_process import sender_environment
from newsreel_testing.wait_until import free_port, until
from notifier.usecases.make_issue import make_issue

_PEOPLE = 300
_NOTIFIERS = 2
_PAUSE = (0.2, 1.5)  # seconds between two kills


@dataclass(frozen=True)
class Figures:
    """`doubled` are copies that no death of a sender explains."""

    kills: int
    issues: int
    mails: int
    missed: int
    doubled_in_window: int
    doubled: int


class Notifiers:
    """Processes that are started anew whenever they were killed."""

    def __init__(self, variables: dict[str, str]) -> None:
        self._variables = variables
        self._running: list[Process] = []
        self.kills = 0

    async def start(self) -> None:
        while len(self._running) < _NOTIFIERS:
            command = (sys.executable, "-m", "notifier", "serve", "--roles", "timer")
            own = self._variables | {"NEWSREEL_HTTP_PORT": str(free_port())}
            started = await create_subprocess_exec(*command, env=own, stdout=DEVNULL, stderr=DEVNULL)
            self._running.append(started)

    async def kill(self, chosen: random.Random) -> None:
        victim = self._running.pop(chosen.randrange(len(self._running)))
        victim.kill()
        await victim.wait()
        self.kills += 1
        await self.start()

    async def stop(self) -> None:
        for process in self._running:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def prove(folder: Path, kills: int, seed: int) -> Figures:
    """Issues and kills, until there were that many; then what was missed and what came twice."""
    chosen = random.Random(seed)
    (port,) = free_ports(1)
    server = PostgresServer(folder / "postgres", port, "postgres")
    await server.start()
    try:
        postgres = server.settings()
        await migrate(postgres, "notifier")
        async with mail_server() as mails, Database.open(postgres) as database:
            by_hand = {"NEWSREEL_NOTIFIER_NEWSLETTER": "never"}
            notifiers = Notifiers(sender_environment(postgres, mails.port) | by_hand)
            try:
                return await _issues(Newsletters(database), notifiers, mails, chosen, kills)
            finally:
                await notifiers.stop()
    finally:
        await server.stop()


async def _issues(
    newsletters: Newsletters, notifiers: Notifiers, mails: MailServer, chosen: random.Random, kills: int
) -> Figures:
    for number in range(_PEOPLE):
        await newsletters.subscriber(f"p{number}@desk.example")
    issues = 0
    await notifiers.start()
    while notifiers.kills < kills:
        await newsletters.published(f"Video {issues}")
        async with newsletters.database.begin() as tx:
            await make_issue(tx, now().date() + timedelta(days=issues), None, now())
        issues += 1
        for _ in range(min(8, kills - notifiers.kills)):
            await asyncio.sleep(chosen.uniform(*_PAUSE))
            await notifiers.kill(chosen)

        async def all_ended(issues: int = issues) -> bool:
            states = await newsletters.states()
            return len(states) == issues * _PEOPLE and not any(has_address for _, has_address in states)

        await until(all_ended, "the issue to be with everybody", deadline=120)
    copies = Counter(mail.message["Message-ID"] for mail in mails.arrived)
    async with newsletters.database.read() as sql:
        rows = await sql.fetch("SELECT reference_id, generation, losses FROM newsletter_mail")
    extra = {
        (row["reference_id"], row["generation"]): (
            copies[f"<newsletter.{row['reference_id']}.{row['generation']}@newsreel.test>"] - 1,
            row["losses"],
        )
        for row in rows
    }
    return Figures(
        kills=notifiers.kills,
        issues=issues,
        mails=issues * _PEOPLE,
        missed=sum(more < 0 for more, _ in extra.values()),
        doubled_in_window=sum(max(0, min(more, losses)) for more, losses in extra.values()),
        doubled=sum(max(0, more - losses) for more, losses in extra.values()),
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="make prove-newsletter")
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    arguments = parser.parse_args()
    folder = LocalDir.of_environment().root / "prove-newsletter"
    shutil.rmtree(folder, ignore_errors=True)
    print(f"seed {arguments.seed}", flush=True)
    figures = asyncio.run(prove(LocalDir.made(folder).root, arguments.kills, arguments.seed))
    print(json.dumps(asdict(figures)))
    return 1 if figures.missed or figures.doubled else 0


if __name__ == "__main__":
    sys.exit(main())
