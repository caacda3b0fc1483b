"""How fast a backlog leaves, how long one event takes, and how soon it goes on after a kill."""

import asyncio
import gc
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.outbox.contestants import HERE, Contestant, Started
from benchmarks.stage import Reader, Stage, cpu_seconds, rss_mb

_WARM = 20_000  # events before anything is measured: virtual machines compile
_LEAD = 5  # seconds at the rate before an event counts: a broker stalls in the first two of single records
_next = 1


def numbers(count: int) -> tuple[int, int]:
    """The first and the last of so many numbers that no event has had."""
    global _next  # noqa: PLW0603 (one benchmark, one process)
    first = _next
    _next += count
    return first, _next - 1


@dataclass(frozen=True)
class Drain:
    """`rate` events/s, `cpu` seconds per 100,000 events, `rss` MB right after."""

    rate: float
    cpu: float
    rss: float

    def __str__(self) -> str:
        return f"{self.rate:.0f}/s, {self.cpu:.2f} CPU s per 100,000, {self.rss:.0f} MB"


@dataclass(frozen=True)
class Latency:
    """Milliseconds, sorted: from the commit, and from the INSERT. `lost`: not there 5 s after the last."""

    commits: list[float]
    inserts: list[float]
    lost: int

    def committed(self, percent: float) -> float:
        """A percentile from the commit."""
        return self.commits[min(len(self.commits) - 1, int(len(self.commits) * percent / 100))]

    def inserted(self, percent: float) -> float:
        """A percentile from the moment the INSERT was sent."""
        return self.inserts[min(len(self.inserts) - 1, int(len(self.inserts) * percent / 100))]

    def __str__(self) -> str:
        return (
            f"p50 {self.committed(50):.2f}, p99 {self.committed(99):.2f} ms from the commit, lost {self.lost}"
        )


async def _warm(stage: Stage, contestant: Contestant, reader: Reader) -> None:
    """Some events, so that all is open, known and compiled."""
    before = await reader.ends()
    await contestant.fill(stage, *numbers(_WARM))
    await _reach(reader, before + _WARM)


async def _reach(reader: Reader, count: int) -> None:
    async with asyncio.timeout(60):
        while await reader.ends() < count:  # noqa: ASYNC110 (Kafka is asked)
            await asyncio.sleep(0.005)


async def drain(stage: Stage, contestant: Contestant, rows: int) -> Drain:
    """A backlog that appears at once, in one commit."""
    started = await contestant.start(stage)
    try:
        async with Reader(stage, contestant.topic) as reader:
            await _warm(stage, contestant, reader)
            before = await reader.ends()
            await contestant.fill(stage, *numbers(rows))
            began, cpu = time.perf_counter(), cpu_seconds(started.pid)
            await _reach(reader, before + rows)
            took = time.perf_counter() - began
            return Drain(rows / took, (cpu_seconds(started.pid) - cpu) * 100_000 / rows, rss_mb(started.pid))
    finally:
        await started.stop()
        await contestant.clean(stage)


async def _writing(
    stage: Stage, contestant: Contestant, rate: int, seconds: int, *more: str
) -> dict[int, tuple[int, int]]:
    """Write at a rate, in a process of its own: number → (INSERT, commit), monotonic ns."""
    first, _ = numbers(rate * seconds)
    notes = stage.folder / f"notes-{first}"
    argv = [sys.executable, str(HERE / "write.py"), "--topic", contestant.topic]
    argv += [
        "--rate",
        str(rate),
        "--seconds",
        str(seconds),
        "--first",
        str(first),
        "--notes",
        str(notes),
        *more,
    ]
    log = (stage.folder / "write.log").open("ab")
    child = await asyncio.create_subprocess_exec(
        *argv, env=stage.environment(contestant.name), stdout=log, stderr=log
    )
    if await child.wait() != 0:
        raise RuntimeError((stage.folder / "write.log").read_text()[-2000:])
    lines = (line.split() for line in Path(notes).read_text().splitlines())  # noqa: ASYNC240 (nothing runs now)
    return {int(number): (int(began), int(committed)) for number, began, committed in lines}


async def _timed(
    stage: Stage, contestant: Contestant, reader: Reader, rate: int, seconds: int, *more: str
) -> Latency:
    """Of events at a rate, the first of which are not counted."""
    gc.collect()
    gc.freeze()  # or the clock stops now and then: this process is the consumer
    writing = asyncio.create_task(_writing(stage, contestant, rate, _LEAD + seconds, *more))
    reading = asyncio.create_task(reader.read(writing))
    written = await writing
    await reading
    await reader.read(asyncio.create_task(asyncio.sleep(3)))
    later = sorted(written)[rate * _LEAD :]
    there = [(written[number], reader.arrived[number]) for number in later if number in reader.arrived]
    return Latency(
        sorted((at - committed) / 1e6 for (_, committed), at in there),
        sorted((at - began) / 1e6 for (began, _), at in there),
        len(later) - len(there),
    )


async def latency(stage: Stage, contestant: Contestant, rate: int, seconds: int) -> Latency:
    """Ours runs in the process that writes, as in a service; the others beside it."""
    ours = contestant.name == "ours"
    started = await contestant.start(stage)
    async with Reader(stage, contestant.topic) as reader:
        await _warm(stage, contestant, reader)
        if ours:
            await started.stop()
        found = await _timed(stage, contestant, reader, rate, seconds, *(["--relay"] if ours else []))
    if not ours:
        await started.stop()
    await contestant.clean(stage)
    return found


async def ceiling_latency(stage: Stage, rate: int, seconds: int) -> Latency:
    """The bus alone: from the moment at which an event is sent from memory."""
    alone = Contestant("ceiling")
    async with Reader(stage, alone.topic) as reader:
        return await _timed(stage, alone, reader, rate, seconds, "--memory")


async def recovery(stage: Stage, contestant: Contestant, *, standby: bool) -> float:
    """Median of three kills at 200/s: seconds from the kill to the arrival of an event written after it."""
    gaps = []
    for _ in range(3):
        running = [await contestant.start(stage)]
        async with Reader(stage, contestant.topic) as reader:
            await _warm(stage, contestant, reader)
            if standby:
                running.append(await contestant.start(stage))
            writing = asyncio.create_task(_writing(stage, contestant, 200, 12, "--announce"))
            reading = asyncio.create_task(reader.read(writing))
            while not reader.arrived:  # noqa: ASYNC110 (no event tells)
                await asyncio.sleep(0.05)
            await asyncio.sleep(2)
            killed = time.monotonic_ns()
            await running[0].kill()
            if not standby:
                running.append(await contestant.start(stage))
            written = await writing
            await reading
        await asyncio.gather(*(contestant.stop() for contestant in running[1:]))
        await contestant.clean(stage)
        after = [
            at for number, at in reader.arrived.items() if number in written and written[number][0] > killed
        ]
        gaps.append((min(after) - killed) / 1e9 if after else float("inf"))
    return statistics.median(gaps)


__all__ = ["Drain", "Latency", "Started", "ceiling_latency", "drain", "latency", "recovery"]
