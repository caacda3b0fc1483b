"""The import of a folder: all manifests are read before anything is written; then video after video."""

import asyncio
import sys
import time
from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from catalog.domain.media_place import Placement, placements
from catalog.domain.revision import Plan, Submission
from catalog.errors import ImportRefusedError
from catalog.outbound_media.media_store import MediaStore
from catalog.outbound_media.submitted import inside, missing_files, place_files, verify_files
from catalog.representations.refusal_lines import refusal
from catalog.representations.submission import read_manifest
from catalog.store import media
from catalog.usecases.plan_import import plan_import
from catalog.usecases.record_import import record_import
from catalog.usecases.sweep_media import GRACE
from newsreel_runtime.clock import now
from newsreel_runtime.database import DATABASE_ERRORS, Database
from newsreel_runtime.operators import opened
from newsreel_runtime.outbox import PayloadTooLargeError
from newsreel_runtime.settings import Postgres
from newsreel_runtime.telemetry import span

MANIFEST = "manifest.json"


class _RollBackError(Exception):
    """The end of a dry run's transaction."""


async def import_folder(
    postgres: Postgres,
    store: MediaStore,
    folder: Path,
    *,
    dry_run: bool,
    replace: bool = False,
    editor: str = "import",
) -> int:
    """Import every video in `folder` and print a line for each.

    1 when something was refused: with a bad manifest nothing is imported, with bad files all others are.
    """
    submissions, refused = _read(folder)
    if refused or not submissions:
        print("\n".join(refused or [f"{folder}: no {MANIFEST} in it or in its folders"]), file=sys.stderr)
        return 1
    try:
        async with opened(postgres) as database:
            video_import = VideoImport(database, store, dry_run=dry_run, replace=replace, editor=editor)
            outcomes = [await video_import.run(*submission) for submission in submissions]
    except (OSError, *DATABASE_ERRORS) as error:
        print(f"catalog import: stopped: {error}; what was reported above is kept", file=sys.stderr)
        return 1
    return 0 if all(outcomes) else 1


def _read(folder: Path) -> tuple[list[tuple[Path, Submission]], list[str]]:
    """The submissions in `folder` and below, by name, and a line for each thing to mend."""
    submissions: list[tuple[Path, Submission]] = []
    refused: list[str] = []
    taken: dict[str, Path] = {}
    for path in sorted((*folder.glob(MANIFEST), *folder.glob(f"[!.]*/{MANIFEST}"))):
        try:
            submission = read_manifest(inside(path.parent, MANIFEST, "manifest").read_bytes())
        except (ImportRefusedError, OSError) as error:
            refused += [f"{path}: {line}" for line in str(error).splitlines()]
            continue
        reference = submission.details.reference
        if reference in taken:
            refused.append(f"{path}: reference: {reference} is also in {taken[reference]}")
        taken[reference] = path
        submissions.append((path.parent, submission))
    return submissions, refused


class VideoImport:
    """One run of the import by `editor`. With `replace`, a video may take the reference of another one."""

    def __init__(
        self,
        database: Database,
        store: MediaStore,
        *,
        dry_run: bool,
        replace: bool = False,
        editor: str = "import",
    ) -> None:
        self._database = database
        self._store = store
        self._dry_run = dry_run
        self._replace = replace
        self._editor = editor

    async def run(self, folder: Path, submission: Submission) -> bool:
        """Import one video and print its line; false when it was refused."""
        reference = submission.details.reference
        began = time.monotonic()
        try:
            with span("import video", attributes={"newsreel.video.reference": reference}):
                said = await self._imported(folder, submission)
        except (ImportRefusedError, PayloadTooLargeError, ValidationError) as error:
            reason = refusal(error) if isinstance(error, ValidationError) else error
            print(f"{folder / MANIFEST}: {reason}", file=sys.stderr, flush=True)
            return False
        print(f"{reference}  {said}  ({time.monotonic() - began:.2f} s)", flush=True)
        return True

    async def _imported(self, folder: Path, submission: Submission) -> str:
        await asyncio.to_thread(verify_files, folder, submission)
        async with self._database.read() as sql:
            plan = await plan_import(sql, submission, replace=self._replace)
        if self._dry_run:
            missing = await asyncio.to_thread(missing_files, self._store, plan)
        else:
            missing = await self._placed(folder, plan)
        await self._record(plan)
        return self._said(plan, [each.stored.file for each in missing])

    async def _placed(self, folder: Path, plan: Plan) -> list[Placement]:
        """Bring in what is missing. What a sweep would remove is claimed first."""
        began = time.monotonic()
        async with self._database.begin() as tx:
            await media.claim(tx, [self._store.key_of(each.place) for each in placements(plan)])
        missing = await asyncio.to_thread(missing_files, self._store, plan)
        await asyncio.to_thread(place_files, self._store, folder, missing)
        if time.monotonic() - began > GRACE.total_seconds() / 2:
            missing += await self._placed(folder, plan)  # a claim does not outlive a sweep's day
        return missing

    async def _record(self, plan: Plan) -> None:
        """Commit the plan. A dry run writes it too and rolls back: its verdict is the import's."""
        with suppress(_RollBackError):
            async with self._database.begin() as tx:
                await record_import(tx, plan, now(), editor=self._editor)
                if self._dry_run:
                    await tx.flush()
                    raise _RollBackError

    def _said(self, plan: Plan, missing: list[str]) -> str:
        would_be = "would be " if self._dry_run and (missing or plan.outcome != "unchanged") else ""
        said = f"{would_be}{plan.outcome}, version {plan.version}"
        if plan.outcome == "unchanged":
            return f"{said}, files put right: {', '.join(missing)}" if missing else said
        if plan.outcome == "revised":
            shown = "" if plan.is_shown else "; withheld: shown once it is released"
            return f"{said}: {', '.join(plan.changes)}{shown}"
        languages = ", ".join(transcript.language for _, transcript in plan.transcripts)
        said = f"{said}: {len(plan.renditions)} renditions"
        return f"{said}, transcripts {languages}" if languages else said
