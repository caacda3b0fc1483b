"""Three servers of the same files: plain nginx, nginx's own signed links, and the edge that we ship."""

import base64
import hashlib
import os
import re
import shutil
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.stage import cpu_seconds
from newsreel_local.health import until_ready
from newsreel_local.paths import CHECKOUT
from newsreel_local.ports import free_ports
from newsreel_local.process import Command, Process, inherited

_SHIPPED = CHECKOUT / "deploy" / "edge"
_NEVER = 4_000_000_000  # Unix seconds
_WORD = "a-secret-of-the-benchmark"
# As the shipped configuration, but for what delivery has to do with.
_PLAIN = """worker_processes auto; pid {run}/nginx.pid; error_log stderr warn;
events {{ worker_connections 4096; }}
http {{
    default_type application/octet-stream; server_tokens off; sendfile on; tcp_nopush on; aio threads;
    client_body_temp_path {run}/body; proxy_temp_path {run}/proxy; fastcgi_temp_path {run}/fastcgi;
    uwsgi_temp_path {run}/uwsgi; scgi_temp_path {run}/scgi;
    access_log {run}/access.log;
    server {{
        listen 127.0.0.1:{port};
        location = /health/ready {{ return 200 "ready"; }}
        location / {{ {signed} root {media}; }}
    }}
}}
"""
_SIGNED = (
    "secure_link $arg_s,$arg_e; "
    f'secure_link_md5 "$secure_link_expires$uri {_WORD}"; '
    'if ($secure_link = "") { return 403; } if ($secure_link = "0") { return 410; }'
)


@dataclass(frozen=True)
class Server:
    """One that listens on 127.0.0.1:`port`; `targets` are the path and query of the small and the large file.

    `processes` are counted with their children.
    """

    name: str
    port: int
    targets: tuple[str, str]
    processes: tuple[int, ...]

    def cpu(self) -> float:
        """User and system seconds so far."""
        return sum(cpu_seconds(pid) for root in self.processes for pid in _family(root))


def _family(pid: int) -> Iterable[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(int(child) for child in children)]


def program() -> str:
    """Raises `SystemExit` where nginx cannot be had."""
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        raise SystemExit("nginx is not here: install it (Debian: apt install nginx-light) and try again")
    return found


def secure_link(path: str) -> str:
    """Path and query that nginx's own module lets in."""
    digest = hashlib.md5(f"{_NEVER}{path} {_WORD}".encode(), usedforsecurity=False).digest()
    return f"{path}?s={base64.urlsafe_b64encode(digest).decode().rstrip('=')}&e={_NEVER}"


@asynccontextmanager
async def plain(name: str, folder: Path, media: Path, files: tuple[str, str]) -> AsyncIterator[Server]:
    """nginx as a server of files: `static` for everybody, `secure_link` for who has a link."""
    (port,) = free_ports(1)
    run = _made(folder / name)
    signed = name == "secure_link"
    text = _PLAIN.format(run=run, port=port, media=media, signed=_SIGNED if signed else "")
    targets = (secure_link(files[0]), secure_link(files[1])) if signed else files
    async with _running(run, text, port) as process:
        yield Server(name, port, targets, (process.pid,))


@asynccontextmanager
async def shipped(
    folder: Path, media: Path, port: int, delivery: tuple[int, int], targets: tuple[str, str]
) -> AsyncIterator[Server]:
    """The edge as in containers, before `delivery`: its port and its process."""
    run = _made(folder / "ours")
    text = (_SHIPPED / "nginx.conf.template").read_text()
    for there, here in {
        "/tmp/": f"{run}/",  # noqa: S108 (nginx's)
        "/dev/stdout": f"{run}/access.log",
        "/dev/stderr": "stderr",
    }.items():
        text = text.replace(there, here)
    upstream = f"127.0.0.1:{delivery[0]}"
    values = {
        "LISTEN": f"127.0.0.1:{port}",
        "PORTAL": upstream,  # nobody asks for a page
        "DELIVERY": upstream,
        "MEDIA": str(media),
        "CONFIG": str(_SHIPPED),
        "RESOLVER": "127.0.0.1",
    }
    text = re.sub(r"\$\{NEWSREEL_EDGE_(\w+)\}", lambda found: values[found[1]], text)
    async with _running(run, text, port) as process:
        yield Server("ours", port, targets, (process.pid, delivery[1]))


def _made(folder: Path) -> Path:
    folder.mkdir(mode=0o755)
    return folder


@asynccontextmanager
async def _running(run: Path, text: str, port: int) -> AsyncIterator[Process]:
    configuration = run / "nginx.conf"
    configuration.write_text(text)
    argv = [program(), "-e", "stderr", "-c", str(configuration), "-g", "daemon off;"]
    command = Command(argv, log=run / "nginx.log", environment=inherited({}), grace=5.0)
    process = await Process.start(command)
    try:
        await until_ready(port)
        yield process
    finally:
        await process.stop()
