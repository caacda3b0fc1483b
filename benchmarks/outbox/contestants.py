"""Who takes part, and how each is started, filled and stopped."""

import asyncio
import subprocess
import sys
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from benchmarks.outbox import rows
from benchmarks.stage import Stage, peers_python
from newsreel_local.connect import PUBLICATION, ConnectWorker
from newsreel_local.ports import free_ports
from newsreel_runtime.migrate import migrate

HERE = Path(__file__).parent
_runs = count(1)


@dataclass(frozen=True)
class Contestant:
    """`table` names its SQL in `rows.py`; `program` is run by `python`; without one it is Debezium."""

    name: str
    table: str = "NEWSREEL"
    program: str | None = None
    python: Path = Path(sys.executable)
    share: int = 1  # of the rows to drain: one in so many, for those that would take minutes
    keeps_rows: bool = False
    warm: int = 500  # events before anything is measured

    @property
    def topic(self) -> str:
        """Its own."""
        return f"bench.{self.name}"

    async def prepare(self, stage: Stage) -> None:
        """Its database and its topic."""
        admin = await stage.server.connect()
        await admin.execute(f'CREATE DATABASE "{self.name}"')
        await admin.close()
        if self.table == "NEWSREEL":
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
        argv = [str(self.python), str(HERE / self.program)]
        log = (stage.folder / f"{self.name}.log").open("ab")
        environment = stage.environment(self.name)
        child = subprocess.Popen(argv, env=environment, stdout=log, stderr=log)  # noqa: ASYNC220, S603 (ours)
        return Started(child.pid, child=child)

    def last_words(self, stage: Stage) -> str:
        """The end of its log."""
        log = stage.folder / f"{self.name}.log"
        lines = log.read_text().splitlines() if log.exists() else []
        return " | ".join([line.strip() for line in lines if "Error" in line][-3:] or lines[-3:])

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
            await connection.execute(getattr(rows, self.table), self.topic, first, last)
            if self.table == "NEWSREEL":
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
        """SIGKILL."""
        if self.worker is not None:
            await self.worker.kill()
        elif self.child is not None:
            self.child.kill()
            await asyncio.to_thread(self.child.wait)


def everybody() -> list[Contestant]:
    """All that can be had here."""
    found = [
        Contestant("ours", program="run_ours.py", warm=20_000),
        Contestant("debezium", keeps_rows=True, warm=20_000),
        Contestant("naive", program="run_naive.py", share=100),
    ]
    if (python := peers_python()) is not None:
        found += [
            Contestant("txoutbox", "TXOUTBOX", "run_txoutbox.py", python, share=4),
            Contestant("faststream-outbox", "FASTSTREAM", "run_faststream_outbox.py", python, share=10),
        ]
    return found
