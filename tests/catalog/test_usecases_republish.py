"""State anew: an import that is under way comes first, and what it changed is in the state."""

import asyncio
import copy
import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from catalog.representations.submission import read_manifest
from catalog.usecases.plan_import import plan_import
from catalog.usecases.record_import import record_import
from catalog.usecases.republish_videos import republish_transcripts, republish_videos
from newsreel_runtime.clock import now
from newsreel_runtime.database import Database
from newsreel_runtime.transaction import Tx
from newsreel_testing.portal_videos import full_manifest
from newsreel_testing.wait_until import until


async def bring_in(tx: Tx, manifest: dict[str, Any]) -> None:
    submission = read_manifest(json.dumps(manifest).encode())
    await record_import(tx, await plan_import(tx.sql, submission), now())


async def test_an_import_under_way_comes_first(
    service_database: Callable[[str], Awaitable[Database]],
) -> None:
    database = await service_database("catalog")
    manifest = full_manifest(1)
    async with database.begin() as tx:
        await bring_in(tx, manifest)
    revised = copy.deepcopy(manifest)
    revised["titles"]["en"] = "Better"
    revised["transcripts"][0]["segments"].pop()

    async def again() -> None:
        async with database.begin() as tx:
            (video_id,) = await republish_videos(tx, UUID(int=0))
            assert await republish_transcripts(tx, UUID(int=0)) == [video_id]
            assert await republish_transcripts(tx, video_id) == []

    async def waits() -> bool:
        async with database.read() as sql:
            return bool(
                await sql.fetchval(
                    """
                    SELECT count(*) FROM pg_stat_activity
                    WHERE datname = current_database() AND wait_event_type = 'Lock'
                    """
                )
            )

    async with database.begin() as tx:
        await tx.sql.execute("DELETE FROM outbox")
        await bring_in(tx, revised)
        task = asyncio.create_task(again())
        await until(waits, "the lock of the video")
    await task
    async with database.read() as sql:
        rows = await sql.fetch("SELECT type, payload FROM outbox ORDER BY seq")
    kinds = [row["type"].split(".")[2:4] for row in rows]
    assert kinds == [["video", "revised"], ["transcript", "published"]] + [["video", "revised"]] + [
        ["transcript", "published"]
    ] * len(manifest["transcripts"])
    told = [json.loads(row["payload"]) for row in rows]
    assert told[2] == told[0]
    assert told[1] in told[3:]
