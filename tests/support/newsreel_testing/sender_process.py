"""A notifier's process that sends mail: the role `timer`, and others if a test asks for them."""

import os
import sys
from asyncio.subprocess import DEVNULL, Process, create_subprocess_exec
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from newsreel_runtime.settings import Postgres
from newsreel_testing.environment import environment_of
from newsreel_testing.fake_smtp import KEYS
from newsreel_testing.wait_until import free_port


def sender_environment(postgres: Postgres, smtp_port: int) -> dict[str, str]:
    """Its variables, with a short lease."""
    return (
        os.environ
        | environment_of(postgres)
        | {
            "NEWSREEL_ENVIRONMENT": "test",
            "NEWSREEL_KAFKA_BOOTSTRAP": "127.0.0.1:9",  # the role timer does not use it
            "NEWSREEL_HTTP_PORT": str(free_port()),
            "NEWSREEL_UNSUBSCRIBE_KEYS": f"k1:{KEYS.current[1].hex()}",
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
async def sender_process(variables: dict[str, str], roles: str = "timer") -> AsyncIterator[Process]:
    """Running until it is killed, or the end."""
    command = (sys.executable, "-m", "notifier", "serve", "--roles", roles)
    process = await create_subprocess_exec(*command, env=variables, stdout=DEVNULL)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
