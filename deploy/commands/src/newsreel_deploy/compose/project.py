"""One run of docker-compose.yml under a name of its own."""

import asyncio
import json
import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from newsreel_local.paths import CHECKOUT


class ComposeError(RuntimeError):
    """A docker command failed; the message is its last words."""


async def docker(*words: str, environment: Mapping[str, str] | None = None) -> str:
    """What `docker WORDS` prints. Raises `ComposeError`."""
    process = await asyncio.create_subprocess_exec(
        "docker",
        *words,
        cwd=CHECKOUT,
        env={**os.environ, **(environment or {})},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.terminate()  # we were told to end; a build would go on without us
    if process.returncode != 0:
        said = [line for line in err.decode().splitlines() if line.strip()]
        raise ComposeError(f"docker {' '.join(words[:6])} …: {' | '.join(said[-3:])}")
    return out.decode()


@dataclass(frozen=True)
class Project:
    """`name` is the project's; the ports are on 127.0.0.1; `version` is the images'."""

    name: str
    secrets: Path
    port: int
    mail_port: int
    version: str = "dev"

    @property
    def portal(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def mailpit(self) -> str:
        return f"http://127.0.0.1:{self.mail_port}"

    async def compose(self, *words: str) -> str:
        """`docker compose WORDS`. Raises `ComposeError`."""
        environment = {
            "NEWSREEL_SECRETS": str(self.secrets),
            "NEWSREEL_PORT": str(self.port),
            "NEWSREEL_MAIL_PORT": str(self.mail_port),
            "NEWSREEL_ORIGIN": self.portal,
            "NEWSREEL_VERSION": self.version,
        }
        return await docker("compose", "--project-name", self.name, *words, environment=environment)

    async def up(self) -> None:
        await self.compose("up", "--detach", "--wait", "--wait-timeout", "180")

    async def kill(self, service: str) -> None:
        """SIGKILL to its process, past Docker: it takes `docker kill` for a wish that it stays down."""
        container = (await self.compose("ps", "--quiet", service)).strip()
        pid = (await docker("inspect", "--format", "{{.State.Pid}}", container)).strip()
        os.kill(int(pid), signal.SIGKILL)

    async def restarts(self, service: str) -> int:
        container = (await self.compose("ps", "--quiet", service)).strip()
        return int(await docker("inspect", "--format", "{{.RestartCount}}", container))

    async def until_back(self, service: str, restarts: int, seconds: float = 180.0) -> None:
        """Return once it was restarted and is healthy again. Raises `ComposeError` when it is not in time."""
        shown = "nothing"
        try:
            async with asyncio.timeout(seconds):
                while True:
                    shown = await self.compose("ps", "--format", "json", service)
                    healthy = bool(shown.strip()) and json.loads(shown.splitlines()[0])["Health"] == "healthy"
                    if healthy and await self.restarts(service) > restarts:
                        return
                    await asyncio.sleep(0.2)
        except TimeoutError as error:
            raise ComposeError(
                f"{service} is not back after {seconds:.0f} s: {shown.strip()[-300:]}"
            ) from error
