"""What else a service talks to: other services, its folder of files, and what it says itself."""

import shutil
from collections.abc import Awaitable, Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import httpx

from newsreel_runtime.doctor.finding import Finding
from newsreel_runtime.settings import SettingsGroup

_SERVICES = ("identity", "catalog", "delivery")  # that others call
_LEAST_FREE = 0.05  # of a disk
Look = Callable[[Any], Awaitable[list[Finding]]]


async def look_around(settings: SettingsGroup, service: str) -> list[Finding]:
    """Each finding follows from a setting that the service has, or from its own entry point."""
    called = [(name, getattr(settings, f"{name}_origin", None)) for name in _SERVICES]
    found = [await _answers(name, origin) for name, origin in called if isinstance(origin, str)]
    if isinstance(folder := getattr(settings, "media_root", None), Path):
        found.append(_folder(folder))
    for point in entry_points(group="newsreel.doctor", name=service):
        look: Look = point.load()
        found += await look(settings)
    return found


async def _answers(name: str, origin: str) -> Finding:
    try:
        async with httpx.AsyncClient(timeout=10) as client:
            answer = await client.get(f"{origin}/health/live")
    except (httpx.TransportError, httpx.InvalidURL) as error:
        return Finding(
            name, f"{origin} does not answer", f"its origin's setting, or start it: {type(error).__name__}"
        )
    mend = None if answer.status_code == httpx.codes.OK else "look at its log"
    return Finding(name, f"{origin} answers {answer.status_code}", mend)


def _folder(folder: Path) -> Finding:
    try:
        next(folder.iterdir(), None)
        disk = shutil.disk_usage(folder)
    except OSError as error:
        return Finding(
            "media", f"{folder} cannot be read", f"mount it, readable for this user: {error.strerror}"
        )
    said = f"{folder}: {disk.free / 2**30:.1f} GiB free of {disk.total / 2**30:.1f}"
    return Finding(
        "media", said, "make room: an import fails soon" if disk.free < _LEAST_FREE * disk.total else None
    )
