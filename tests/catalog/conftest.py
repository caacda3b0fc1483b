"""Videos to submit: small manifests with files of a few bytes, on disk as an operator has them."""

import copy
import hashlib
import json
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from catalog.outbound_media.bucket import Bucket
from catalog.outbound_media.folder import Folder
from catalog.outbound_media.media_store import MediaStore
from newsreel_runtime.ids import new_id
from newsreel_runtime.settings import Bucket as BucketSettings
from newsreel_testing.s3_server import S3Server

MANIFEST: dict[str, Any] = {
    "format": "newsreel-manifest/1",
    "reference": "NR-2026-0900",
    "titles": {"en": "Bridge opens", "fr": "Le pont ouvre", "uk": "Міст відкрито"},
    "headlines": {"en": "Four millimetres"},
    "descriptions": {"en": "The bridge.\nAnd the ferry."},
    "genre": "speech",
    "keywords": {"en": ["bridge", "harbour"]},
    "recorded_at": "2026-04-02",
    "duration_ms": 4000,
    "spoken_languages": ["en"],
    "people": [
        {"name": "Greta Holmqvar", "role": "Engineer", "organisation": "Port Linden Works"},
        {"name": "Mara Quell", "role": "Journalist"},
    ],
    "location": "Port Linden",
    "credit_line": "Video: the Assembly press office",
    "restrictions": {"en": "News only."},
    "shotlist": [
        {"number": 1, "start_ms": 0, "end_ms": 1500, "kind": "wide", "text": {"en": "The bridge"}},
        {
            "number": 2,
            "start_ms": 1500,
            "end_ms": 4000,
            "kind": "soundbite",
            "text": {"en": "“Eleven.”"},
            "speaker": "Greta Holmqvar",
        },
    ],
    "transcripts": [
        {
            "language": "en",
            "kind": "verbatim",
            "segments": [
                {
                    "number": 1,
                    "start_ms": 0,
                    "end_ms": 2000,
                    "part": "question",
                    "speaker": "Mara Quell",
                    "text": "How far does it bend?",
                },
                {
                    "number": 2,
                    "start_ms": 2000,
                    "end_ms": 4000,
                    "part": "answer",
                    "speaker": "Greta Holmqvar",
                    "text": "The drawings allow eleven.",
                },
            ],
        },
        {
            "language": "uk",
            "kind": "translation",
            "segments": [
                {
                    "number": 1,
                    "start_ms": 0,
                    "end_ms": 2000,
                    "part": "question",
                    "speaker": "Mara Quell",
                    "text": "Наскільки він прогинається?",
                }
            ],
        },
    ],
}

Edit = Callable[[dict[str, Any]], object]
Submit = Callable[..., Path]


def _described(folder: Path, file: str, content: bytes) -> dict[str, Any]:
    (folder / file).write_bytes(content)
    return {"file": file, "size_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _rendition(name: str, role: str) -> dict[str, Any]:
    return {
        "name": name,
        "role": role,
        "media_type": "video/mp4",
        "container": "mp4",
        "video_codec": "h264",
        "audio_codec": "aac",
        "width": 1280,
        "height": 720,
        "frame_rate": "25/1",
        "bit_rate": 1_000_000,
    }


@pytest.fixture
def submit(tmp_path: Path) -> Submit:
    """`submit("NR-1", edit, web=b"…")`: a folder with that reference's files and edited manifest."""
    numbers = count(1)

    def written(
        reference: str = "NR-2026-0900",
        edit: Edit = lambda _: None,
        *,
        web: bytes = b"web",
        broadcast: bytes = b"broadcast",
        poster: bytes = b"poster",
        into: Path | None = None,
    ) -> Path:
        folder = into or tmp_path / f"submitted-{next(numbers)}"
        folder.mkdir(parents=True, exist_ok=True)
        manifest = copy.deepcopy(MANIFEST) | {"reference": reference}
        manifest["poster"] = _described(folder, "poster.jpg", poster)
        manifest["renditions"] = [
            _rendition("broadcast-1080p", "broadcast") | _described(folder, "broadcast.mp4", broadcast),
            _rendition("web-720p", "web") | _described(folder, "web.mp4", web),
        ]
        edit(manifest)
        (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        return folder

    return written


@pytest.fixture
def media_root(tmp_path: Path) -> Path:
    """Where imported files go."""
    return tmp_path / "media"


@pytest.fixture
def settings(s3: S3Server) -> BucketSettings:
    """A bucket of its own."""
    name = f"media-{new_id()}"
    s3.make_bucket(name)
    return s3.bucket(name)


@pytest.fixture
def bucket(settings: BucketSettings) -> Bucket:
    return Bucket(settings)


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> MediaStore:
    """Each of them, empty."""
    if request.param == "folder":
        return Folder(tmp_path / "media")
    opened: Bucket = request.getfixturevalue("bucket")
    return opened
