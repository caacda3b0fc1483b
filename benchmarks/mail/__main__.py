"""The mail benchmark: from a request for a code to the mail server's 250.

Beside the floor and a polled queue: see `benchmarks/README.md`. The last line is one JSON object.
"""

import argparse
import asyncio
import json
import tempfile
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from benchmarks.mail.contestants import hand_over, polled_queue
from benchmarks.mail.load import Deed, Taken, open_loop
from benchmarks.mail.stage import Stage, opened
from benchmarks.newsletter.subscribers import queued, subscribe
from newsreel_runtime.database import Database

_PASSWORD = "Correct-Horse-7"  # noqa: S105 (nobody's)


@dataclass(frozen=True)
class Lengths:
    """How long the phases last."""

    seconds: int  # of a steady rate
    rounds: int
    burst: int
    newsletters: int
    away: int  # seconds


FULL = Lengths(seconds=20, rounds=3, burst=500, newsletters=100_000, away=60)
QUICK = Lengths(seconds=5, rounds=1, burst=200, newsletters=5_000, away=5)


def middle(found: list[float]) -> float:
    return sorted(found)[len(found) // 2]


class Run:
    """Phases on one stage, each of which says what it found."""

    def __init__(self, stage: Stage, lengths: Lengths) -> None:
        self._stage = stage
        self._lengths = lengths
        self._forgot = stage.asking("/v1/resets")
        self._register = stage.asking("/v1/registrations", password=_PASSWORD)
        self.lost = self.doubled = self.refused = 0

    async def phase(
        self, name: str, deed: Deed, *, rate: float | None, count: int = 0, patience: float = 30.0
    ) -> Taken:
        count = count or max(20, round((rate or 0) * self._lengths.seconds))
        people = self._stage.strangers if deed is self._register else self._stage.known
        addresses = list(islice(people, count))
        taken = await open_loop(deed, addresses, self._stage.arrivals, rate=rate, patience=patience)
        self.lost += taken.lost
        self.doubled += taken.doubled
        self.refused += taken.refused
        print(
            f"{time.strftime('%H:%M:%S')}  {name}: {count} mails, p50 {taken.p50} ms, p99 {taken.p99} ms,"
            f" last {taken.last} ms; {taken.refused} refused, {taken.lost} lost, {taken.doubled} doubled",
            flush=True,
        )
        return taken

    async def all(self) -> dict[str, float]:
        """The figures; of what is measured in several rounds, the middle one."""
        stage, lengths, forgot = self._stage, self._lengths, self._forgot
        await self.phase("warm-up", forgot, rate=50, count=250)
        mail = (await asyncio.to_thread(stage.first_mail.read_bytes)) + b"\r\n"
        p50, p99, floor, poll, burst = [], [], [], [], []
        async with (
            Database.open(stage.postgres("notifier")) as database,
            hand_over(stage.layout.ports["smtp"], mail) as send,
            polled_queue(database.pool, send) as insert,
        ):
            for _ in range(lengths.rounds):
                floor.append((await self.phase("floor, 50/s", send, rate=50)).p50)
                found = await self.phase("forgot, 50/s", forgot, rate=50)
                p50.append(found.p50)
                p99.append(found.p99)
                poll.append((await self.phase("polled, 50/s", insert, rate=50)).p50)
                burst.append(
                    (await self.phase("forgot, at once", forgot, rate=None, count=lengths.burst)).last
                )
        slower = [await self.phase(f"forgot, {rate}/s", forgot, rate=rate) for rate in (1, 10)]
        faster = await self.phase("forgot, 500/s", forgot, rate=500, count=100 * lengths.seconds)
        registered = await self.phase("register, 10/s", self._register, rate=10)
        await self._troubled()
        newsletter = await self._with_newsletter()
        return {
            "p50_ms": middle(p50),
            "p99_ms": middle(p99),
            "floor_p50_ms": middle(floor),
            "poll_p50_ms": middle(poll),
            "burst_last_ms": middle(burst),
            "lost": self.lost,
            "doubled": self.doubled,
            "refused": self.refused,
            "p99_with_newsletter_ms": newsletter.p99,
            "p99_at_1_ms": slower[0].p99,
            "p99_at_10_ms": slower[1].p99,
            "p99_at_500_ms": faster.p99,
            "register_p50_ms": registered.p50,
            "register_p99_ms": registered.p99,
        }

    async def _troubled(self) -> None:
        await self._stage.mood("slow 0.5")
        await self.phase("forgot, 10/s, 500 ms a mail", self._forgot, rate=10)
        await self._stage.mood("away")
        away = self._lengths.away
        task = asyncio.create_task(self._back_after(away))
        await self.phase(
            f"forgot, 10/s, 421 for {away} s", self._forgot, rate=10, count=10 * away, patience=90
        )
        await task

    async def _back_after(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._stage.mood("well")

    async def _with_newsletter(self) -> Taken:
        """Codes at 10/s while an issue is sent."""
        async with Database.open(self._stage.postgres("notifier")) as database:
            async with database.begin() as tx:
                await subscribe(tx, self._lengths.newsletters)
            await queued(database)
            return await self.phase("forgot, 10/s, beside newsletters", self._forgot, rate=10)


async def run(lengths: Lengths) -> None:
    with tempfile.TemporaryDirectory() as made:
        async with opened(Path(made), 60_000) as stage:
            print(json.dumps(await Run(stage, lengths).all()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mail")
    parser.add_argument("--quick", action="store_true", help="a minute and a half instead of ten")
    asyncio.run(run(QUICK if parser.parse_args().quick else FULL))
