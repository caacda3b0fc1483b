"""Every answer of the catalog's API is one that its document names."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from schemathesis import GenerationMode

from catalog.commands.import_videos import VideoImport
from catalog.inbound_http import create_http
from catalog.outbound_media.folder import Folder
from catalog.representations.submission import read_manifest
from newsreel_runtime.database import Database
from newsreel_testing.openapi import served, try_everything

OPERATIONS = {
    "GET /v1/search",
    "GET /v1/videos",
    "GET /v1/videos/{video_id}",
    "GET /v1/videos/{video_id}/transcripts/{language}",
    "GET /v1/videos/{video_id}/transcripts/{language}.{ending}",
}


@pytest.mark.parametrize("mode", GenerationMode)
async def test_every_answer_is_documented(
    service_database: Callable[[str], Awaitable[Database]],
    submit: Callable[..., Path],
    media_root: Path,
    mode: GenerationMode,
) -> None:
    database = await service_database("catalog")
    folder = submit()
    submission = read_manifest((folder / "manifest.json").read_bytes())
    assert await VideoImport(database, Folder(media_root), dry_run=False).run(folder, submission)
    async with served(create_http(database, database)) as address:
        await try_everything(address, mode, OPERATIONS)
