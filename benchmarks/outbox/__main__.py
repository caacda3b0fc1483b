"""The outbox benchmark: contestants on one PostgreSQL and one Kafka, in turns. See `benchmarks/README.md`."""

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

from benchmarks.outbox.contestants import HERE, Contestant, everybody
from benchmarks.outbox.measuring import Drain, Latency, ceiling_latency, drain, latency, recovery
from benchmarks.stage import Stage, opened


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


def ceiling(stage: Stage, rows: int) -> int:
    """Records a second of the relay's producer with nothing else to do."""
    argv = [sys.executable, str(HERE / "run_ceiling.py"), str(rows), "bench.ceiling"]
    done = subprocess.run(  # noqa: S603 (ours)
        argv, env=stage.environment("postgres"), check=True, capture_output=True
    )
    return int(done.stdout)


async def drains(
    stage: Stage, contestants: list[Contestant], rows: int, rounds: int
) -> tuple[dict[str, list[Drain]], int]:
    found: dict[str, list[Drain]] = {contestant.name: [] for contestant in contestants}
    tops = []
    for _ in range(rounds):
        tops.append(await asyncio.to_thread(ceiling, stage, rows))
        say(f"ceiling: {tops[-1]}/s")
        for contestant in contestants:
            found[contestant.name].append(await drain(stage, contestant, rows))
            say(f"{contestant.name}: {found[contestant.name][-1]}")
    return found, round(statistics.median(tops))


async def run(quick: bool, only: list[str]) -> None:
    rows, rounds, seconds = (20_000, 1, 4) if quick else (100_000, 3, 10)
    rates = (200,) if quick else (20, 200, 2000)
    contestants = [contestant for contestant in everybody() if not only or contestant.name in only]
    with tempfile.TemporaryDirectory() as folder:
        async with opened(Path(folder)) as stage:
            await stage.topic("bench.ceiling")
            for contestant in contestants:
                await contestant.prepare(stage)
            drained, top = await drains(stage, contestants, rows, rounds)
            waits: dict[tuple[str, int], Latency] = {}
            for rate in rates:
                waits["ceiling", rate] = await ceiling_latency(stage, rate, seconds)
                say(f"ceiling at {rate}/s: {waits['ceiling', rate]}")
                for contestant in contestants:
                    waits[contestant.name, rate] = await latency(stage, contestant, rate, seconds)
                    say(f"{contestant.name} at {rate}/s: {waits[contestant.name, rate]}")
            back = {}
            for contestant in contestants:
                back[contestant.name] = await recovery(stage, contestant, standby=False)
                say(f"{contestant.name} after kill -9, started again: {back[contestant.name]:.2f} s")
            if any(contestant.name == "ours" for contestant in contestants):
                back["ours, a standby takes over"] = await recovery(stage, contestants[0], standby=True)
                say(f"ours after kill -9, a standby takes over: {back['ours, a standby takes over']:.2f} s")
    report(drained, top, waits, back)


def report(
    drained: dict[str, list[Drain]],
    top: int,
    waits: dict[tuple[str, int], Latency],
    back: dict[str, float],
) -> None:
    """The tables, and the numbers as JSON."""
    print(f"\nload {os.getloadavg()[0]:.2f}, {os.cpu_count()} cores\n")
    print("| drain | events/s | of the ceiling | CPU s per 100,000 | RSS MB |\n|---|---|---|---|---|")
    print(f"| ceiling: from memory | {top} | 100 % | | |")
    middle = {}
    for name, runs in drained.items():
        run = middle[name] = sorted(runs, key=lambda drained: drained.rate)[len(runs) // 2]
        print(f"| {name} | {run.rate:.0f} | {run.rate / top:.0%} | {run.cpu:.2f} | {run.rss:.0f} |")
    print("\n| to the consumer, ms | from the commit p50 / p99 | from the INSERT p50 / p99 | late |")
    print("|---|---|---|---|")
    for (name, rate), contestant in waits.items():
        print(
            f"| {name}, {rate}/s | {contestant.committed(50):.1f} / {contestant.committed(99):.1f}"
            f" | {contestant.inserted(50):.1f} / {contestant.inserted(99):.1f} | {contestant.lost} |"
        )
    for name, seconds in back.items():
        print(f"\nafter kill -9, {name}: {seconds:.2f} s until the next event arrives")
    numbers: dict[str, float | None] = {"ceiling_events_per_s": top}
    if floor := waits.get(("ceiling", 200)):
        numbers |= {"ceiling_p50_ms": round(floor.committed(50), 2)}
        numbers |= {"ceiling_p99_ms": round(floor.committed(99), 2)}
    for name in ("ours", "debezium"):
        wait = waits.get((name, 200))
        numbers |= {
            f"{name}_events_per_s": round(middle[name].rate) if name in middle else None,
            f"{name}_rss_mb": round(middle[name].rss) if name in middle else None,
            f"{name}_p50_ms": round(wait.committed(50), 2) if wait else None,
            f"{name}_p99_ms": round(wait.committed(99), 2) if wait else None,
            f"{name}_recovery_s": round(back[name], 2) if name in back else None,
        }
    print(json.dumps(numbers))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rows, one rate")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="only this contestant")
    given = parser.parse_args()
    asyncio.run(run(given.quick, given.only))
