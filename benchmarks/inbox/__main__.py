"""The inbox benchmark: contestants on one PostgreSQL and one Kafka, in turns. See `benchmarks/README.md`."""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.inbox.contestants import Contestant, Run, consume, everybody
from benchmarks.inbox.events import TOPICS, fill
from benchmarks.stage import Stage, opened


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


def ceiling(stage: Stage, records: int) -> int:
    argv = [sys.executable, "-m", "benchmarks.inbox.run_ceiling", str(records), *TOPICS]
    done = subprocess.run(  # noqa: S603 (ours)
        argv, env=stage.environment("postgres"), check=True, capture_output=True
    )
    return int(done.stdout)


async def run(quick: bool, only: list[str]) -> None:
    records, rounds = (20_000, 1) if quick else (100_000, 3)
    contestants = [contestant for contestant in everybody() if not only or contestant.name in only]
    found: dict[str, list[Run]] = {contestant.name: [] for contestant in contestants}
    tops = []
    with tempfile.TemporaryDirectory() as folder:
        async with opened(Path(folder)) as stage:
            for prefix, share in (
                {"": 1} | {contestant.prefix: contestant.share for contestant in contestants}
            ).items():
                await fill(stage, records // share, prefix)
            for _ in range(rounds):
                tops.append(await asyncio.to_thread(ceiling, stage, records))
                say(f"ceiling: {tops[-1]}/s")
                for contestant in contestants:
                    found[contestant.name].append(
                        await consume(stage, contestant, records // contestant.share)
                    )
                    say(f"{contestant.name}: {found[contestant.name][-1]}")
    report(contestants, found, round(statistics.median(tops)))


def report(contestants: list[Contestant], found: dict[str, list[Run]], top: int) -> None:
    print(f"\nload {os.getloadavg()[0]:.2f}, {os.cpu_count()} cores\n")
    print("| consume | effects/s | of the ceiling | CPU s per 100,000 | RSS MB |\n|---|---|---|---|---|")
    print(f"| ceiling: counted only | {top} | 100 % | | |")
    numbers: dict[str, float] = {}
    for contestant in contestants:
        runs = sorted(found[contestant.name], key=lambda run: run.rate)
        middle = runs[len(runs) // 2]
        spread = f"{runs[0].rate:.0f} to {runs[-1].rate:.0f}"
        print(
            f"| {contestant.name} | {middle.rate:.0f} ({spread}) | {middle.rate / top:.1%}"
            f" | {middle.cpu:.2f} | {middle.rss:.0f} |"
        )
        numbers |= {
            f"{contestant.name}_effects_per_s": round(middle.rate),
            f"{contestant.name}_cpu_s": round(middle.cpu, 2),
            f"{contestant.name}_rss_mb": round(middle.rss),
        }
    print(json.dumps(numbers | {"ceiling_records_per_s": top}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer records, one round")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="only this contestant")
    given = parser.parse_args()
    asyncio.run(run(given.quick, given.only))
