"""Every answer of the catalog's API is one that its document names."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from catalog.commands.import_videos import VideoImport
from catalog.inbound_http import create_http
from catalog.inbound_http.editors import Editors
from catalog.outbound_media.folder import Folder
from catalog.representations.submission import read_manifest
from newsreel_runtime.database import Database
from newsreel_runtime.http.access_token import AccessTokenVerifier
from newsreel_runtime.ids import new_id
from newsreel_testing.delivery_service import IDENTITY, Issuer
from newsreel_testing.openapi import served, try_everything

EDITORIAL = "/v1/editorial/videos"
OPERATIONS = {
    f"GET {EDITORIAL}",
    f"GET {EDITORIAL}/{{video_id}}",
    f"GET {EDITORIAL}/{{video_id}}/history",
    f"PATCH {EDITORIAL}/{{video_id}}",
    *(f"POST {EDITORIAL}/{{video_id}}/{act}" for act in ("withhold", "release", "withdraw")),
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
    issuer = Issuer()
    editors = Editors(AccessTokenVerifier(IDENTITY, issuer.transport), still_stands)
    bearer = issuer.bearer(new_id(), roles=("press-office",))
    async with served(create_http(database, database, editors)) as address:
        await try_everything(
            address,
            mode,
            OPERATIONS,
            headers=lambda path: bearer if path.startswith(EDITORIAL) else {},
            excluded=excluded,
        )


async def still_stands(_: str) -> None:
    """Nobody was signed out."""


def excluded(operation: str) -> Sequence[Any]:
    """What a schema cannot say (an unseen letter, a version) is refused although the schema holds. A token
    that a case leaves out is sent all the same, and unknown names in a query count for nothing."""
    if operation == f"GET {EDITORIAL}":
        return (negative_data_rejection,)
    return (positive_data_acceptance,) if operation.startswith(("POST", "PATCH")) else ()
