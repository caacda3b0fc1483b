"""The ports of a stack, free ones for tests, and who holds one that is taken."""

import os
import socket
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

BASE = 8400
_LISTENING = "0A"
_PARTS = (
    "edge",
    "identity",
    "notifier",
    "catalog",
    "delivery",
    "mailbox",
    "traces",
    "smtp",
    "postgres",
    "kafka",
    "kafka_controller",
    "portal",
)


@dataclass(frozen=True)
class Ports:
    """Twelve ports in a row on 127.0.0.1; each part has its own distance from the first."""

    base: int

    @classmethod
    def of_environment(cls) -> "Ports":
        """From `NEWSREEL_PORT_BASE`, or 8400. Raises `ValueError` for what is no port."""
        text = os.environ.get("NEWSREEL_PORT_BASE", str(BASE))
        if not text.isdecimal() or not 1024 <= int(text) <= 65535 - len(_PARTS):
            raise ValueError(
                f"NEWSREEL_PORT_BASE={text}: a number from 1024 to {65535 - len(_PARTS)} is needed"
            )
        return cls(int(text))

    def __getitem__(self, part: str) -> int:
        """The port of `part`: a service's name, edge, mailbox, traces, smtp, postgres, kafka…"""
        return self.base + _PARTS.index(part)

    def origin(self, part: str) -> str:
        """`http://127.0.0.1:port` of `part`."""
        return f"http://127.0.0.1:{self[part]}"

    def taken(self, parts: tuple[str, ...] = _PARTS) -> list[tuple[str, int]]:
        """The parts whose port somebody else holds."""
        return [(part, self[part]) for part in parts if not _is_free(self[part])]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_ports(count: int) -> list[int]:
    """Ports that nobody holds at this moment."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for opened in sockets:
            opened.bind(("127.0.0.1", 0))
        return [opened.getsockname()[1] for opened in sockets]


def free_base() -> int:
    """A base whose twelve ports are all free at this moment, below those that the system hands out itself."""
    start = 20000 + os.getpid() % 600 * 20
    for base in range(start, 32000, len(_PARTS)):
        if not Ports(base).taken():
            return base
    raise RuntimeError("no twelve free ports in a row between 20000 and 32000")


def holder(port: int) -> str:
    """The program that listens on `port`, as far as the system lets us see; Linux only."""
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        lines = Path(table).read_text().splitlines()[1:] if Path(table).exists() else []
        for fields in map(str.split, lines):
            if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                inodes.add(f"socket:[{fields[9]}]")
    for process in Path("/proc").glob("[0-9]*") if inodes else ():
        if _holds(process, inodes):
            words = (process / "cmdline").read_bytes().split(b"\0")
            return f"{b' '.join(words).decode(errors='replace').strip()[:80]} (process {process.name})"
    return "another program"


def _holds(process: Path, inodes: set[str]) -> bool:
    try:
        return any(str(descriptor.readlink()) in inodes for descriptor in (process / "fd").iterdir())
    except OSError:  # not ours to see, or gone meanwhile
        return False
