"""kill -9 at the sender's fail points: the mail arrives, and twice only after the server's 250."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest

from newsreel_runtime.database import Database
from newsreel_runtime.settings import Postgres
from newsreel_testing.databases import Databases
from newsreel_testing.environment import environment_of
from newsreel_testing.fake_smtp import KEYS, Queue, mail_server
from newsreel_testing.wait_until import free_port, until


def environment(postgres: Postgres, smtp_port: int) -> dict[str, str]:
    return (
        os.environ
        | environment_of(postgres)
        | {
            "NEWSREEL_ENVIRONMENT": "test",
            "NEWSREEL_KAFKA_BOOTSTRAP": "127.0.0.1:9",  # this role does not use it
            "NEWSREEL_HTTP_PORT": str(free_port()),
            "NEWSREEL_CODE_KEYS": f"k1:{KEYS.current[1].hex()}",
            "NEWSREEL_NOTIFIER_SMTP_HOST": "127.0.0.1",
            "NEWSREEL_NOTIFIER_SMTP_PORT": str(smtp_port),
            "NEWSREEL_NOTIFIER_SMTP_TLS": "none",
            "NEWSREEL_NOTIFIER_MAIL_FROM": "no-reply@newsreel.test",
            "NEWSREEL_NOTIFIER_PORTAL_ORIGIN": "https://portal.test",
            "NEWSREEL_NOTIFIER_SEND_LEASE": "2",
        }
    )


@asynccontextmanager
async def sender(variables: dict[str, str]) -> AsyncIterator[Process]:
    command = (sys.executable, "-m", "notifier", "serve", "--roles", "timer")
    process = await asyncio.create_subprocess_exec(*command, env=variables, stdout=DEVNULL)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


@pytest.mark.parametrize(("point", "copies", "losses"), [("mail.claimed", 1, 1), ("mail.delivered", 2, 1)])
async def test_a_killed_sender_loses_nothing(
    databases: Databases, point: str, copies: int, losses: int
) -> None:
    async with (
        mail_server() as server,
        databases.fresh("notifier") as postgres,
        Database.open(postgres) as database,
    ):
        queue, variables = Queue(database), environment(postgres, server.port)
        request = await queue.add()
        async with sender(variables | {"NEWSREEL_FAILPOINTS": point}) as doomed:
            assert await doomed.wait() == -signal.SIGKILL
        assert (await queue.row(request)).state == "sending"
        assert len(server.arrived) == copies - 1
        async with sender(variables) as other:
            await until(partial(queue.in_state, request, "accepted"), "the mail", deadline=30)
            other.terminate()
            assert await other.wait() == 0
        assert len(server.arrived) == copies
        assert len({arrived.message["Message-ID"] for arrived in server.arrived}) == 1
        assert (await queue.row(request)).losses == losses
        assert await queue.told() == ["accepted"]
