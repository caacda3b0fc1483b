"""The import of a folder: all manifests are read before anything is written; then video after video."""

import sys
import time
from pathlib import Path

import asyncpg

from catalog.domain.revision import Plan, Submission
from catalog.errors import ImportRefusedError
from catalog.representations.submission import read_manifest
from catalog.usecases.place_media import place_media, verify_media
from catalog.usecases.plan_import import plan_import
from catalog.usecases.record_import import record_import
from newsreel_runtime.clock import now
from newsreel_runtime.database import Database
from newsreel_runtime.outbox import PayloadTooLargeError
from newsreel_runtime.settings import Postgres
from newsreel_runtime.telemetry import span

MANIFEST = "manifest.json"


async def import_folder(postgres: Postgres, media_root: Path, folder: Path, dry_run: bool) -> int:
    """Import every video in `folder` and print a line for each.

    1 when something was refused: with a bad manifest nothing is imported, with bad files all others are.
    """
    submissions, refused = _read(folder)
    if refused or not submissions:
        print("\n".join(refused or [f"{folder}: no {MANIFEST} in it or in its folders"]), file=sys.stderr)
        return 1
    try:
        async with Database.open(postgres) as database:
            importing = Importing(database, media_root, dry_run)
            outcomes = [await importing.import_video(*submission) for submission in submissions]
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        print(f"catalog import: stopped: {error}; what was reported above is kept", file=sys.stderr)
        return 1
    return 0 if all(outcomes) else 1


def _read(folder: Path) -> tuple[list[tuple[Path, Submission]], list[str]]:
    """The submissions in `folder` and below, by name, and a line for each thing to mend."""
    found = sorted(path for path in (*folder.glob(MANIFEST), *folder.glob(f"[!.]*/{MANIFEST}")))
    submissions: list[tuple[Path, Submission]] = []
    refused: list[str] = []
    taken: dict[str, Path] = {}
    for path in found:
        try:
            submission = read_manifest(path.read_bytes())
        except (ImportRefusedError, OSError) as error:
            refused += [f"{path}: {line}" for line in str(error).splitlines()]
            continue
        reference = submission.details.reference
        if reference in taken:
            refused.append(f"{path}: reference: {reference} is also in {taken[reference]}")
        taken[reference] = path
        submissions.append((path.parent, submission))
    return submissions, refused


class Importing:
    """One run of the import."""

    def __init__(self, database: Database, media_root: Path, dry_run: bool) -> None:
        self._database = database
        self._media_root = media_root
        self._dry_run = dry_run

    async def import_video(self, folder: Path, submission: Submission) -> bool:
        """Import one video and print its line; false when it was refused."""
        reference = submission.details.reference
        began = time.monotonic()
        try:
            with span("import video", attributes={"newsreel.video.reference": reference}):
                plan = await self._imported(folder, submission)
        except (ImportRefusedError, PayloadTooLargeError) as error:
            print(f"{folder / MANIFEST}: {error}", file=sys.stderr, flush=True)
            return False
        print(f"{reference}  {self._said(plan)}  ({time.monotonic() - began:.2f} s)", flush=True)
        return True

    async def _imported(self, folder: Path, submission: Submission) -> Plan:
        verify_media(folder, submission)
        async with self._database.read() as connection:
            plan = await plan_import(connection, submission)
        if not self._dry_run:
            place_media(self._media_root, folder, plan)
            async with self._database.begin() as tx:
                await record_import(tx, plan, now())
        return plan

    def _said(self, plan: Plan) -> str:
        if plan.outcome == "unchanged":
            return f"unchanged, version {plan.version}"
        outcome = f"would be {plan.outcome}" if self._dry_run else plan.outcome
        languages = ", ".join(transcript.language for _, transcript in plan.transcripts)
        said = f"{outcome}, version {plan.version}: {len(plan.renditions)} renditions"
        return f"{said}, transcripts {languages}" if languages else said
