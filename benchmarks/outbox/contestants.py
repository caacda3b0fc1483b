"""Who takes part, and how each is started, filled and stopped."""

import asyncio
import subprocess
import sys
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from benchmarks.outbox import rows
from benchmarks.stage import Stage
from newsreel_local.connect import PUBLICATION, ConnectWorker
from newsreel_local.ports import free_ports
from newsreel_runtime.migrate import migrate

HERE = Path(__file__).parent
_runs = count(1)


@dataclass(frozen=True)
class Contestant:
    """`program` is run by this Python; without one it is Debezium."""

    name: str
    program: str | None = None
    keeps_rows: bool = False

    @property
    def topic(self) -> str:
        return f"bench.{self.name}"

    async def prepare(self, stage: Stage) -> None:
        """Its database and its topic."""
        admin = await stage.server.connect()
        await admin.execute(f'CREATE DATABASE "{self.name}"')
        await admin.close()
        await migrate(stage.postgres(self.name), "newsreel_runtime")
        if self.program is None:
            connection = await stage.server.connect(self.name)
            await connection.execute(PUBLICATION)
            await connection.close()
        await stage.topic(self.topic)

    async def start(self, stage: Stage) -> "Started":
        """Its process, at work; how soon is seen by what arrives."""
        if self.program is None:
            folder = stage.folder / f"connect-{next(_runs)}"
            worker = ConnectWorker(folder, free_ports(1)[0], stage.postgres(self.name), stage.kafka)
            process = await worker.start()
            return Started(process.pid, worker=worker)
        argv = [sys.executable, str(HERE / self.program)]
        log = (stage.folder / f"{self.name}.log").open("ab")
        environment = stage.environment(self.name)
        child = subprocess.Popen(argv, env=environment, stdout=log, stderr=log)  # noqa: ASYNC220, S603 (ours)
        return Started(child.pid, child=child)

    async def clean(self, stage: Stage) -> None:
        """An empty table, and no slot that holds back the log of others."""
        connection = await stage.server.connect(self.name)
        if self.keeps_rows:
            await connection.execute("TRUNCATE outbox")
        while await connection.fetchval("SELECT count(*) FROM pg_replication_slots WHERE active"):  # noqa: ASYNC110 (asked)
            await asyncio.sleep(0.05)
        await connection.execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots")
        await connection.close()

    async def fill(self, stage: Stage, first: int, last: int) -> None:
        """Events by number, in one transaction; the relay that listens is told after the commit."""
        connection = await stage.server.connect(self.name)
        try:
            await connection.execute(rows.FILL, self.topic, first, last)
            await connection.execute("NOTIFY newsreel_outbox")
        finally:
            await connection.close()


@dataclass
class Started:
    """A running contestant."""

    pid: int
    child: "subprocess.Popen[bytes] | None" = None
    worker: ConnectWorker | None = None

    async def stop(self) -> None:
        """In order; a peer that hangs is killed."""
        if self.worker is not None:
            await self.worker.stop()
        elif self.child is not None:
            self.child.terminate()
            try:
                await asyncio.to_thread(self.child.wait, 15)
            except subprocess.TimeoutExpired:
                await self.kill()

    async def kill(self) -> None:
        if self.worker is not None:
            await self.worker.kill()
        elif self.child is not None:
            self.child.kill()
            await asyncio.to_thread(self.child.wait)


def everybody() -> list[Contestant]:
    return [Contestant("ours", program="run_ours.py"), Contestant("debezium", keeps_rows=True)]
