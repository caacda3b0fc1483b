"""`make prove-mail KILLS=200 SEED=1`: whatever is killed behind the button, the code comes.

People register while identity, one of two notifiers, the broker and the database are killed with SIGKILL,
some at a fail point, and the mail server goes away as a killed one does. Who was told that a mail is on its
way must get it. A copy is counted apart where the notifier did not know what became of a mail: there nobody
can know, and the copy has the same Message-ID.
"""

import argparse
import asyncio
import json
import os
import random
import shutil
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import httpx

from newsreel_local.paths import LocalDir
from newsreel_proving.mail_stage import NOTIFIERS, MailStage
from newsreel_runtime.clock import now
from newsreel_testing.wait_until import until

LATE = timedelta(seconds=60)
_KINDS = {"notifier": 5, "identity": 3, "mail server": 2, "postgres": 1, "kafka": 1}
_PRESSING = 3
_RECOVERY = 120.0  # seconds until somebody who asks after a kill has the mail


@dataclass(frozen=True)
class Figures:
    """`late` came more than `LATE` after the answer; no unknown outcome explains a `doubled` copy."""

    kills: int
    mails: int
    lost: int
    late: int
    doubled_in_window: int
    doubled: int
    slowest_s: float


def judge(
    kills: int,
    promised: Mapping[str, datetime],
    arrived: Sequence[tuple[str, datetime]],
    losses: Mapping[str, int],
) -> Figures:
    """By challenge: when its mail was promised, each copy that came, how often its outcome was not known."""
    copies = Counter(challenge for challenge, _ in arrived)
    first: dict[str, datetime] = {}
    for challenge, at in arrived:
        first.setdefault(challenge, at)
    took = [first[challenge] - at for challenge, at in promised.items() if challenge in first]
    more = {challenge: number - 1 for challenge, number in copies.items()}
    explained = {challenge: min(extra, losses.get(challenge, 0)) for challenge, extra in more.items()}
    return Figures(
        kills=kills,
        mails=len(promised),
        lost=len(promised.keys() - copies.keys()),
        late=sum(taken > LATE for taken in took),
        doubled_in_window=sum(explained.values()),
        doubled=sum(more.values()) - sum(explained.values()),
        slowest_s=round(max(took, default=timedelta(0)).total_seconds(), 1),
    )


class Pressing:
    """People who register, each once, and what they were promised."""

    def __init__(self, stage: MailStage) -> None:
        self._stage = stage
        self._numbers = count(1)
        self.promised: dict[str, datetime] = {}

    @asynccontextmanager
    async def load(self) -> AsyncIterator[None]:
        ended = asyncio.Event()
        async with httpx.AsyncClient(base_url=self._stage.origin, timeout=10) as client:
            pressing = [asyncio.create_task(self._press(client, ended)) for _ in range(_PRESSING)]
            try:
                yield
            finally:
                ended.set()
                await asyncio.gather(*pressing)

    async def _press(self, client: httpx.AsyncClient, ended: asyncio.Event) -> None:
        while not ended.is_set():
            number = next(self._numbers)
            network = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
            body = {"address": f"person-{number}@example.org", "password": "Correct-Horse-7", "locale": "en"}
            try:
                answer = await client.post(
                    "/v1/registrations", json=body, headers={"X-Forwarded-For": network}
                )
            except httpx.HTTPError:
                await asyncio.sleep(0.1)  # as a person would press again
                continue
            if answer.status_code == httpx.codes.ACCEPTED:
                self.promised[answer.json()["challenge_id"]] = now()


async def prove(folder: Path, kills: int, seed: int) -> Figures:
    """So many kills under load; then what was lost, late, or came twice."""
    chosen = random.Random(seed)
    async with MailStage.open(folder, chosen) as stage:
        people = Pressing(stage)
        first = chosen.sample(list(_KINDS), len(_KINDS))
        async with people.load():
            while stage.kills < kills:
                kind = first.pop() if first else chosen.choices([*_KINDS], [*_KINDS.values()])[0]
                await asyncio.sleep(chosen.uniform(0, 1.5))
                print(f"{stage.kills} kills, {len(people.promised)} promised, next: {kind}", flush=True)
                await _kill(stage, kind, chosen)
                await _recovered(stage, people)
        await stage.drained(people.promised)
        return judge(stage.kills, people.promised, stage.arrived(), await stage.losses())


async def _kill(stage: MailStage, kind: str, chosen: random.Random) -> None:
    if kind == "mail server":
        await stage.mail_server_dies(chosen.uniform(0.1, 3))
        return
    name = chosen.choice(NOTIFIERS) if kind == "notifier" else kind
    if (pid := stage.pids.get(name)) is not None:  # it may be dead already, at a fail point
        os.kill(pid, signal.SIGKILL)


async def _recovered(stage: MailStage, people: Pressing) -> None:
    """Somebody who was promised a mail from now on has it."""
    before = set(people.promised)

    async def has_it() -> bool:
        return bool({challenge for challenge, _ in stage.arrived()} & (people.promised.keys() - before))

    await until(has_it, "a mail after the kill", deadline=_RECOVERY, pause=0.1)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make prove-mail")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    arguments = parser.parse_args()
    folder = LocalDir.of_environment().root / "prove-mail"
    shutil.rmtree(folder, ignore_errors=True)
    print(f"seed {arguments.seed}", flush=True)
    figures = asyncio.run(prove(folder, arguments.kills, arguments.seed))
    print(json.dumps(asdict(figures)))
    return 1 if figures.lost or figures.late or figures.doubled else 0


if __name__ == "__main__":
    sys.exit(main())
