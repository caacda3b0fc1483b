"""`make prove-withdrawal COUNT=200`: how long a download outlives its video's withdrawal.

Somebody has a ticket and a signed URL for a video that was just published. The press office withdraws it, in
another process than the catalog's, as its command does. The time runs from that commit until delivery first
refuses the ticket; the signed URL must be refused then, too.
"""

import argparse
import asyncio
import json
import shutil
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from itertools import count as numbers
from uuid import UUID

import httpx

from catalog.domain.editorial import Note
from catalog.domain.video import Stop
from catalog.representations.submission import read_manifest
from catalog.usecases.plan_import import plan_import
from catalog.usecases.record_import import record_import
from catalog.usecases.stop_video import stop_video
from newsreel_local.paths import LocalDir
from newsreel_local.stack import RunningStack, running_stack
from newsreel_proving.revocation import Figures, Sessions
from newsreel_runtime.clock import now
from newsreel_runtime.database import Database
from newsreel_runtime.ids import new_id
from newsreel_runtime.settings import Postgres
from newsreel_testing.portal_videos import full_manifest
from newsreel_testing.wait_until import until

_NO_FILE = ("urn:newsreel:problem:bytes-missing", 503)
_GONE = ("urn:newsreel:problem:video-withdrawn", 410)
_STOP = Stop("legal", {"en": "Withdrawn."})


class PressOffice:
    """Publishes videos without files, and withdraws them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._numbers = numbers(1)

    @classmethod
    @asynccontextmanager
    async def of(cls, stack: RunningStack) -> AsyncIterator["PressOffice"]:
        group = stack.layout.group("NEWSREEL_POSTGRES_", stack.layout.settings("catalog"))
        async with Database.open(Postgres.model_validate(group)) as database:
            yield cls(database)

    async def publish(self) -> dict[str, str]:
        """What is asked of delivery for one rendition of a new video."""
        reference = f"PROVE-{next(self._numbers)}-{new_id().hex[-8:].upper()}"
        manifest = full_manifest(1) | {"reference": reference}
        submission = read_manifest(json.dumps(manifest).encode())
        async with self._database.begin() as tx:
            plan = await plan_import(tx.sql, submission)
            await record_import(tx, plan, now())
        return {"video_id": str(plan.video_id), "rendition_id": str(plan.renditions[0].rendition_id)}

    async def withdraw(self, video_id: str) -> None:
        async with self._database.begin() as tx:
            note = Note("prove", "prove", now())
            await stop_video(tx, UUID(video_id), "withdrawn", _STOP, note, version=1)


async def lag(client: httpx.AsyncClient, delivery: str, sessions: Sessions, office: PressOffice) -> float:
    """Withdraw a video: milliseconds until delivery refuses its ticket."""
    wanted, token = await office.publish(), await sessions.token()

    async def granted() -> str | None:
        answer = await client.post(f"{delivery}/v1/grants", headers=token, json=wanted)
        return answer.json()["grant_id"] if answer.is_success else None

    ticket = f"{delivery}/download/{await until(granted, 'delivery knows the video')}"

    async def answered(url: str) -> tuple[str, int]:
        answer = await client.get(url, headers=token)
        return answer.json()["type"] if answer.is_error else "", answer.status_code

    async def signed() -> str | None:
        """A URL that is good, of a file that is nowhere; one of the account's first second is not yet."""
        found = httpx.URL((await client.get(ticket, headers=token)).headers["location"])
        url = f"{delivery}{found.raw_path.decode()}"
        return url if await answered(url) == _NO_FILE else None

    async def is_refused() -> bool:
        return await answered(ticket) == _GONE

    url = await until(signed, "a signed URL that is good")
    await office.withdraw(wanted["video_id"])
    committed = time.perf_counter()
    await until(is_refused, "delivery refuses the ticket", deadline=60, pause=0.001)
    passed = (time.perf_counter() - committed) * 1000
    found = await answered(url)
    if found != _GONE:
        raise AssertionError(f"the signed URL answers {found}")
    return passed


async def prove(stack: RunningStack, count: int) -> Figures:
    """Withdraw `count` videos."""
    async with httpx.AsyncClient(timeout=30) as client, PressOffice.of(stack) as office:
        sessions = Sessions(client, stack)
        await sessions.register()
        delivery = stack.ports.origin("delivery")
        return Figures.of([await lag(client, delivery, sessions, office) for _ in range(count)])


async def _run(folder: LocalDir, count: int) -> Figures:
    async with running_stack(folder.root) as stack:
        return await prove(stack, count)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make prove-withdrawal")
    parser.add_argument("--count", type=int, default=200)
    folder = LocalDir.of_environment().root / "prove-withdrawal"
    shutil.rmtree(folder, ignore_errors=True)
    figures = asyncio.run(_run(LocalDir.made(folder), parser.parse_args().count))
    print(json.dumps(asdict(figures)))
    return 1 if figures.late else 0


if __name__ == "__main__":
    sys.exit(main())
