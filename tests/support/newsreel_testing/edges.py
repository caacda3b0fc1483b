"""The edges for real: Caddy from its wheel, and nginx where the machine has it."""

import asyncio
import re
import shutil
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from starlette.types import ASGIApp

from newsreel_local.health import until_ready
from newsreel_local.paths import CHECKOUT
from newsreel_local.ports import free_ports
from newsreel_local.process import Command, Process, inherited
from newsreel_local.programs import edge as caddy

_CONFIG = CHECKOUT / "deploy" / "edge"
_DEADLINE = 20.0


@dataclass(frozen=True)
class Edge:
    """One that listens. `log` is its access log."""

    kind: str
    origin: str
    log: Path


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncIterator[int]:
    """The app behind a port of 127.0.0.1."""
    (port,) = free_ports(1)
    server = _Server(uvicorn.Config(app, port=port, log_config=None, lifespan="off"))
    task = asyncio.create_task(server.serve())
    try:
        async with asyncio.timeout(_DEADLINE):
            while not server.started:  # noqa: ASYNC110 (uvicorn has no event for it)
                await asyncio.sleep(0.01)
        yield port
    finally:
        server.should_exit = True
        await task


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """They are pytest's."""
        yield


@asynccontextmanager
async def edge_of(
    kind: str, folder: Path, media: Path, portal: int, delivery: int, *, bucket: str = ""
) -> AsyncIterator[Edge]:
    """Caddy or nginx before a portal and a delivery at these ports, with its files in `folder`.

    `bucket` is the origin of an S3 server.
    """
    (port,) = free_ports(1)
    log = folder / "access.log"
    variables = {
        "NEWSREEL_EDGE_LISTEN": str(port),
        "NEWSREEL_EDGE_PORTAL": f"127.0.0.1:{portal}",
        "NEWSREEL_EDGE_DELIVERY": f"127.0.0.1:{delivery}",
        "NEWSREEL_EDGE_MEDIA": str(media),
        "NEWSREEL_EDGE_LOG": str(log),
        "NEWSREEL_EDGE_BUCKET": bucket,
        "NEWSREEL_EDGE_CA": ssl.get_default_verify_paths().cafile or "",
        "NEWSREEL_EDGE_CONFIG": str(_CONFIG),
        "NEWSREEL_EDGE_RESOLVER": "127.0.0.1",
        "XDG_DATA_HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
    }
    command = _nginx(folder, log, variables) if kind == "nginx" else caddy(folder / "caddy.log", variables)
    process = await Process.start(command)
    try:
        async with asyncio.timeout(_DEADLINE):
            await until_ready(port)
        yield Edge(kind, f"http://127.0.0.1:{port}", log)
    finally:
        await process.stop()


def _nginx(folder: Path, log: Path, variables: dict[str, str]) -> Command:
    """With the template as start.sh fills it in, but for where it writes."""
    program = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if program is None:
        pytest.skip("nginx is not here (Debian: apt install nginx-light)")
    (folder / "tmp").mkdir()
    places = {"/tmp/": f"{folder}/tmp/", "/dev/stdout": str(log), "/dev/stderr": "stderr"}  # noqa: S108 (nginx's)

    def filled_in(template: str) -> str:
        text = (_CONFIG / template).read_text()
        for place, here in places.items():
            text = text.replace(place, here)
        return re.sub(r"\$\{(NEWSREEL_\w+)\}", lambda found: variables[found[1]], text)

    configuration = folder / "nginx.conf"
    configuration.write_text(filled_in("nginx.conf.template"))
    if variables["NEWSREEL_EDGE_BUCKET"]:
        (folder / "tmp" / "bucket.conf").write_text(filled_in("bucket.conf.template"))
    argv = [
        program,
        "-e",
        "stderr",
        "-p",
        str(folder),
        "-c",
        str(configuration),
        "-g",
        "daemon off; user root;",
    ]
    return Command(argv, log=folder / "nginx.log", environment=inherited({}), grace=5.0)
