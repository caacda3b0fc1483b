"""The bytes benchmark: the shipped edge beside plain nginx, in turns. See `benchmarks/README.md`."""

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bytes.load import requests_per_second, take_together
from benchmarks.bytes.published import published
from benchmarks.bytes.servers import Server, plain, program, shipped
from newsreel_local.ports import free_ports

_SMALL = 1024
_CLIENTS = 12  # that take the small file; the edge lets one account have 16 downloads at once
_TOGETHER = 8  # that take the large one


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


@dataclass(frozen=True)
class Turn:
    """Small file: requests/s. Large file: GB/s alone and together. CPU s per GB, and per 1,000 requests."""

    small: float
    alone: float
    together: float
    cpu_gb: float
    cpu_small: float

    def __str__(self) -> str:
        return (
            f"{self.small:.0f}/s, {self.alone:.2f} and {self.together:.2f} GB/s,"
            f" {self.cpu_gb:.2f} CPU s per GB, {self.cpu_small:.3f} per 1,000 requests"
        )


def turn(server: Server, large: int, seconds: float) -> Turn:
    before = server.cpu()
    small = requests_per_second(server.port, server.targets[0], _SMALL, _CLIENTS, seconds)
    between = server.cpu()
    alone = take_together(server.port, server.targets[1], large, 1)
    together = take_together(server.port, server.targets[1], large, _TOGETHER)
    gigabytes = large * (1 + _TOGETHER) / 1e9
    return Turn(
        small,
        large / alone / 1e9,
        large * _TOGETHER / together / 1e9,
        (server.cpu() - between) / gigabytes,
        (between - before) * 1000 / (small * seconds),
    )


def opened_to_all(folder: Path) -> tuple[Path, Path]:
    """That folder and one for media: nginx's workers, and PostgreSQL, are somebody else when we are root."""
    folder.chmod(0o755)
    media = folder / "media"
    media.mkdir(mode=0o755)
    return folder, media


async def run(quick: bool) -> None:
    program()
    large, seconds, rounds = (1 << 28, 2.0, 1) if quick else (1 << 31, 5.0, 3)
    with tempfile.TemporaryDirectory() as made:
        folder, media = opened_to_all(Path(made))
        (port,) = free_ports(1)
        async with (
            published(folder, media, port, (_SMALL, large)) as there,
            plain("static", folder, media, there.files) as static,
            plain("secure_link", folder, media, there.files) as links,
            shipped(folder, media, port, (there.port, there.pid), there.targets) as ours,
        ):
            servers = (static, ours, links)
            found: dict[str, list[Turn]] = {server.name: [] for server in servers}
            await asyncio.to_thread(take_together, static.port, static.targets[1], large, 1)  # into the cache
            for number in range(rounds):
                for server in servers[number % 3 :] + servers[: number % 3]:
                    found[server.name].append(await asyncio.to_thread(turn, server, large, seconds))
                    say(f"{server.name}: {found[server.name][-1]}")
    report(found)


def report(found: dict[str, list[Turn]]) -> None:
    middle = {
        name: Turn(
            *(statistics.median(getattr(turn, field) for turn in turns) for field in Turn.__annotations__)
        )
        for name, turns in found.items()
    }
    print(f"\nload {os.getloadavg()[0]:.2f}, {os.cpu_count()} cores\n")
    print(
        "| | 1 KiB, requests/s | CPU s per 1,000 | one, GB/s | eight, GB/s | CPU s per GB |\n"
        "|---|---|---|---|---|---|"
    )
    for name, turn in middle.items():
        print(
            f"| {name} | {turn.small:.0f} | {turn.cpu_small:.3f}"
            f" | {turn.alone:.2f} | {turn.together:.2f} | {turn.cpu_gb:.2f} |"
        )
    static, ours = middle["static"], middle["ours"]
    share = min(ours.alone / static.alone, ours.together / static.together)
    print(
        json.dumps(
            {
                "share_of_static": round(share, 3),
                "small_rps": round(ours.small),
                "secure_link_rps": round(middle["secure_link"].small),
                "static_rps": round(static.small),
            }
        )
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="256 MiB instead of 2 GiB, one round")
    asyncio.run(run(parser.parse_args().quick))
