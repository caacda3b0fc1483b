"""Who takes part, and how each is started, watched and stopped."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import asyncpg

from benchmarks.inbox.events import TOPICS, judge
from benchmarks.stage import Stage, cpu_seconds, rss_mb
from newsreel_runtime.migrate import migrate

HERE = Path(__file__).parent
_TABLES = """
CREATE TABLE effect (seq bigserial PRIMARY KEY, event uuid NOT NULL, key text NOT NULL, type text NOT NULL);
CREATE TABLE seen (consumer text, event uuid, PRIMARY KEY (consumer, event));
"""
_WARM = 20  # one in so many records comes before the clock starts
_STILL = 60.0  # seconds without an effect before it is given up
_runs = count(1)


@dataclass(frozen=True)
class Contestant:
    """`program` is run on topics whose names begin with `prefix`."""

    name: str
    program: str
    share: int = 1  # of the records: one in so many, for those that would take minutes
    prefix: str = ""


@dataclass(frozen=True)
class Run:
    """`rate` effects/s, `cpu` seconds per 100,000 effects, `rss` MB at the end."""

    rate: float
    cpu: float
    rss: float

    def __str__(self) -> str:
        return f"{self.rate:.0f}/s, {self.cpu:.2f} CPU s per 100,000, {self.rss:.0f} MB"


async def consume(stage: Stage, contestant: Contestant, records: int) -> Run:
    """A backlog, consumed by a group of its own into a database of its own. Raises if effects are wrong."""
    run = next(_runs)
    name, group = f"inbox{run}", f"bench-{run}"
    for topic in TOPICS:
        await stage.topic(f"{topic}.{group}.replay")
    async with _database(stage, name) as connection:
        log = stage.folder / f"{name}.log"
        argv = [
            sys.executable,
            str(HERE / contestant.program),
            group,
            *(contestant.prefix + topic for topic in TOPICS),
        ]
        with log.open("wb") as out:
            child = subprocess.Popen(argv, env=stage.environment(name), stdout=out, stderr=out)  # noqa: ASYNC220, S603 (ours)
        try:
            measured = await _watch(connection, child, records)
        except (TimeoutError, ProcessLookupError) as error:
            raise RuntimeError(f"{contestant.name} stopped: {log.read_text()[-2000:]}") from error
        finally:
            child.terminate()
            await asyncio.to_thread(child.wait, 30)
        rows = await connection.fetch("SELECT key, event FROM effect ORDER BY seq")
        if wrong := judge(((row["key"], row["event"]) for row in rows), records):
            raise RuntimeError(f"{contestant.name}: {wrong}")
    return measured


@asynccontextmanager
async def _database(stage: Stage, name: str) -> AsyncIterator[asyncpg.Connection]:
    admin = await stage.server.connect()
    await admin.execute(f'CREATE DATABASE "{name}"')
    await migrate(stage.postgres(name), "newsreel_runtime")
    connection = await stage.server.connect(name)
    try:
        await connection.execute(_TABLES)
        yield connection
    finally:
        await connection.close()
        await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await admin.close()


async def _watch(connection: asyncpg.Connection, child: "subprocess.Popen[bytes]", records: int) -> Run:
    """The clock runs from a first part of the effects to the last one."""
    first = await _effects(connection, child, records // _WARM)
    began, cpu = time.perf_counter(), cpu_seconds(child.pid)
    last = await _effects(connection, child, records)
    took, made = time.perf_counter() - began, last - first
    return Run(made / took, (cpu_seconds(child.pid) - cpu) * 100_000 / made, rss_mb(child.pid))


async def _effects(connection: asyncpg.Connection, child: "subprocess.Popen[bytes]", wanted: int) -> int:
    """How many there are, once there are enough. Only then are they counted: that takes time."""
    highest, moved = 0, time.monotonic()
    while True:
        if child.poll() is not None:
            raise ProcessLookupError
        seen = await connection.fetchval("SELECT max(seq) FROM effect") or 0
        if seen > highest:
            highest, moved = seen, time.monotonic()
        if seen >= wanted and (made := await connection.fetchval("SELECT count(*) FROM effect")) >= wanted:
            return int(made)
        if time.monotonic() - moved > _STILL:
            raise TimeoutError
        await asyncio.sleep(0.03)


def everybody() -> list[Contestant]:
    return [
        Contestant("ours", "run_ours.py"),
        Contestant("faststream", "run_faststream.py", share=10, prefix="few."),
    ]
