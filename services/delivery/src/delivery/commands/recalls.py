"""What `newsreel delivery recalls` prints."""

import json
import sys
from dataclasses import asdict
from uuid import UUID

from delivery.store import recall_progress
from delivery.store.recall_progress import Progress, Taker
from newsreel_runtime.database import Database
from newsreel_runtime.settings import Postgres

_RECALLS = 50


async def show_all(settings: Postgres, *, as_json: bool) -> int:
    """The latest recalls, the newest first, with their mails by state."""
    async with Database.open(settings) as database, database.read() as sql:
        for progress in await recall_progress.latest(sql, _RECALLS):
            print(_as_json(progress) if as_json else _line(progress))
    return 0


async def show(settings: Postgres, recall_id: UUID, *, as_json: bool) -> int:
    """One recall: how far it is on the standard error; who took which file when, one a line."""
    async with Database.open(settings) as database, database.read() as sql:
        found = await recall_progress.latest(sql, 1, recall_id)
        if not found:
            print("there is no such recall", file=sys.stderr)
            return 1
        print(_line(found[0]), file=sys.stderr)
        async for taker in recall_progress.takers(sql, recall_id):
            print(_as_json(taker) if as_json else _row(taker))
    return 0


def _line(progress: Progress) -> str:
    counted = ", ".join(f"{count} {state}" for state, count in progress.states.items()) or "nobody told yet"
    reason = f" ({progress.reason})" if progress.reason else ""
    what = f"{progress.reference} version {progress.version} {progress.kind}{reason}"
    how_many = f"{progress.renditions} files, {progress.accounts} accounts"
    named = f"{progress.recall_id} {progress.made_at:%Y-%m-%d %H:%M:%S}"
    return f"{named} {what}: {how_many}, {progress.stage}: {counted}"


def _row(taker: Taker) -> str:
    version = "" if taker.version is None else f" of version {taker.version}"
    return f"{taker.account_id} {taker.redeemed_at:%Y-%m-%d %H:%M:%S} {taker.file}{version} {taker.state}"


def _as_json(value: Progress | Taker) -> str:
    return json.dumps(asdict(value), default=str)
