"""Keeps logs bounded while their writers hold them open for appending."""

import asyncio
import shutil
from pathlib import Path

_BYTES = 10_000_000
_EVERY = 10.0


def rotate(log: Path) -> None:
    """Move a big log's content to `<name>.log.1`; its writer goes on at the beginning of the emptied file."""
    if log.stat().st_size > _BYTES:
        shutil.copyfile(log, log.with_suffix(".log.1"))
        with log.open("r+b") as file:
            file.truncate(0)


def _rotate_all(folder: Path) -> None:
    for log in folder.glob("*.log"):
        rotate(log)


async def keep_rotating(folder: Path) -> None:
    """Look at the logs of `folder` every ten seconds, for ever."""
    while True:
        await asyncio.to_thread(_rotate_all, folder)
        await asyncio.sleep(_EVERY)
