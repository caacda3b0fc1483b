"""The newsletter benchmark: an issue to all subscribers, beside the bare hand-over of the same mail.

See `benchmarks/README.md`. The last line is one JSON object.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from asyncio.subprocess import DEVNULL, create_subprocess_exec
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiosmtplib import SMTP

from benchmarks.newsletter.subscribers import queued, subscribe
from benchmarks.stage import cpu_seconds
from newsreel_local.ports import free_ports
from newsreel_local.postgres import PostgresServer
from newsreel_runtime.database import Database
from newsreel_runtime.migrate import migrate
from notifier.store import issues

_CONNECTIONS = 2


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


@asynccontextmanager
async def process(*words: str, **variables: str) -> AsyncIterator[int]:
    """A Python process of ours; its id."""
    started = await create_subprocess_exec(
        sys.executable, *words, env=os.environ | variables, stdout=DEVNULL, stderr=DEVNULL
    )
    try:
        yield started.pid
    finally:
        started.terminate()
        await started.wait()


async def until_listening(port: int) -> None:
    """Returns once something takes connections there."""
    async with asyncio.timeout(30):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


async def floor(port: int, mail: bytes, count: int) -> float:
    """Mails/s of aiosmtplib with as many connections, and nothing else."""
    left = iter(range(count))

    async def hand_over() -> None:
        client = SMTP(hostname="127.0.0.1", port=port, use_tls=False, start_tls=False)
        await client.connect()
        for number in left:
            await client.sendmail("newsreel@example.org", [f"p{number}@example.org"], mail)
        await client.quit()

    began = time.perf_counter()
    await asyncio.gather(*(hand_over() for _ in range(_CONNECTIONS)))
    return count / (time.perf_counter() - began)


async def sent(database: Database, issue: int) -> None:
    """Returns when each mail of the issue was taken; says how far it is."""
    while True:
        async with database.read() as sql:
            state = next(one for one in await issues.latest(sql, 10) if one.issue == issue)
        accepted = state.states.get("accepted", 0)
        if accepted == state.mails:
            return
        say(f"{accepted} of {state.mails}")
        await asyncio.sleep(2)


async def run(count: int) -> None:
    smtp, port, http = free_ports(3)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        await asyncio.to_thread(folder.chmod, 0o755)  # PostgreSQL runs as somebody else when we are root
        server = PostgresServer(folder / "postgres", port, "postgres")
        await server.start()
        try:
            await measured(server, smtp, http, count)
        finally:
            await server.stop()


async def measured(server: PostgresServer, smtp: int, http: int, count: int) -> None:
    postgres = server.settings()
    await migrate(postgres, "notifier")
    variables = {
        "NEWSREEL_ENVIRONMENT": "test",
        "NEWSREEL_POSTGRES_HOST": server.host,
        "NEWSREEL_POSTGRES_PORT": str(server.port),
        "NEWSREEL_POSTGRES_DATABASE": "postgres",
        "NEWSREEL_POSTGRES_USER": "postgres",
        "NEWSREEL_POSTGRES_PASSWORD": server.password,
        "NEWSREEL_KAFKA_BOOTSTRAP": "127.0.0.1:9",
        "NEWSREEL_HTTP_PORT": str(http),
        "NEWSREEL_CODE_KEYS": f"k1:{'ab' * 32}",
        "NEWSREEL_UNSUBSCRIBE_KEYS": f"k1:{'ab' * 32}",
        "NEWSREEL_NOTIFIER_SMTP_HOST": "127.0.0.1",
        "NEWSREEL_NOTIFIER_SMTP_PORT": str(smtp),
        "NEWSREEL_NOTIFIER_SMTP_TLS": "none",
        "NEWSREEL_NOTIFIER_MAIL_FROM": "newsreel@example.org",
        "NEWSREEL_NOTIFIER_PORTAL_ORIGIN": "https://news.example.org",
        "NEWSREEL_NOTIFIER_NEWSLETTER": "never",
        "NEWSREEL_NOTIFIER_NEWSLETTER_CONNECTIONS": str(_CONNECTIONS),
    }
    async with Database.open(postgres) as database, process("-m", "benchmarks.newsletter.sink", str(smtp)):
        async with database.begin() as tx:
            await subscribe(tx, count)
        await until_listening(smtp)
        bare = await floor(smtp, b"Subject: x\r\n\r\n" + b"x" * 4000 + b"\r\n", min(count, 5000))
        say(f"bare hand-over of 4 kB: {bare:.0f}/s on {_CONNECTIONS} connections")
        issue, seconds = await queued(database)
        say(f"{count} mails queued in {seconds:.1f} s")
        async with process("-m", "notifier", "serve", "--roles", "timer", **variables) as pid:
            began = time.perf_counter()
            await sent(database, issue)
            took, cpu = time.perf_counter() - began, cpu_seconds(pid)
    print(
        json.dumps(
            {
                "mails": count,
                "queue_s": round(seconds, 2),
                "mails_per_s": round(count / took),
                "floor_per_s": round(bare),
                "share_of_floor": round(count / took / bare, 3),
                "cpu_s_per_1000": round(cpu / count * 1000, 2),
            }
        )
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.newsletter")
    parser.add_argument("--quick", action="store_true", help="5,000 subscribers instead of 100,000")
    asyncio.run(run(5_000 if parser.parse_args().quick else 100_000))
