"""Fourteen published videos: one with everything that a video can have, and enough for a second page."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from catalog.domain.revision import decide
from catalog.representations.submission import read_manifest
from catalog.usecases.record_import import record_import
from newsreel_runtime.database import Database

VIDEO = UUID("0198f0c0-0000-7000-8000-000000000001")
BARE_VIDEO = UUID("0198f0c0-0000-7000-8000-000000000002")
OLD_VIDEO = UUID("0198f0c0-0000-7000-8000-00000000000e")
BROADCAST = UUID("0198f0c0-0000-7000-8000-0000000000a1")
PROXY = UUID("0198f0c0-0000-7000-8000-0000000000a2")
_NEWEST = datetime(2026, 5, 14, 16, tzinfo=UTC)
_SAID = {"en": ("Good morning.", "Why?", "Because."), "fr": ("Bonjour.", "Pourquoi ?", "Parce que.")}
_PARTS = (("speech", "Ana Lind"), ("question", "Journalist"), ("answer", "Ana Lind"))


def _file(name: str) -> dict[str, Any]:
    return {"file": name, "size_bytes": 72_345_678, "sha256": "ab" * 32}


def _rendition(name: str, role: str) -> dict[str, Any]:
    return _file(f"{name}.mp4") | {
        "name": name,
        "role": role,
        "media_type": "video/mp4",
        "container": "mp4",
        "video_codec": "h264",
        "audio_codec": "aac",
        "width": 1920,
        "height": 1080,
        "frame_rate": "25/1",
        "bit_rate": 8_000_000,
    }


def _bare(number: int) -> dict[str, Any]:
    return {
        "format": "newsreel-manifest/1",
        "reference": f"NR-2026-{number:04}",
        "titles": {"en": "Doorstep", "fr": "Doorstep en français", "uk": "Doorstep українською"},
        "headlines": {"en": "Five questions <and> five answers"},
        "descriptions": {"en": "A <b>description</b>.\nOf two paragraphs.", "fr": "Une description."},
        "genre": "press_conference",
        "keywords": {"en": ["fish"]},
        "recorded_at": "2026-05-14",
        "duration_ms": 72_000,
        "spoken_languages": ["fr", "en"],
        "people": [],
        "location": "Brussels",
        "credit_line": "Newsreel",
        "restrictions": {},
        "shotlist": [],
        "transcripts": [],
        "poster": _file("poster.jpg"),
        "renditions": [_rendition("broadcast-1080p", "broadcast"), _rendition("proxy-360p", "web")],
    }


def _segment(at: int, part: str, speaker: str, text: str) -> dict[str, Any]:
    times = {"number": at + 1, "start_ms": at * 12_000, "end_ms": (at + 1) * 12_000}
    return times | {"part": part, "speaker": speaker, "text": text}


def full_manifest(number: int) -> dict[str, Any]:
    """Of a video with everything that one can have."""
    transcripts = []
    for language, texts in _SAID.items():
        spoken = zip(_PARTS, texts, strict=True)
        segments = [_segment(at, *part, text) for at, (part, text) in enumerate(spoken)]
        # The journalist begins together with the answer: two segments of one start.
        segments[2]["start_ms"] = segments[1]["start_ms"]
        transcripts.append({"language": language, "kind": "verbatim", "segments": segments})
    wide = {"number": 1, "start_ms": 0, "end_ms": 12_000, "kind": "wide_shot", "text": {"en": "Arrival."}}
    bite = {
        "number": 2,
        "start_ms": 12_000,
        "end_ms": 72_000,
        "kind": "soundbite",
        "text": {"fr": "Bonjour."},
    }
    people = ({"name": "Ana Lind", "role": "Spokesperson"}, {"name": "Journalist", "role": "Press"})
    return _bare(number) | {
        "people": list(people),
        "restrictions": {"en": "Editorial use only.\nNo resale."},
        "shotlist": [wide, bite | {"speaker": "Ana Lind"}],
        "transcripts": transcripts,
    }


async def publish_videos(database: Database) -> None:
    """As an import does, with ids of the tests' own and no files."""
    for number in range(OLD_VIDEO.int - VIDEO.int, -1, -1):
        video_id = UUID(int=VIDEO.int + number)
        submission = read_manifest(json.dumps((_bare if number else full_manifest)(number + 1)).encode())
        shift = 0x1_0000 * number
        ids = iter((UUID(int=BROADCAST.int + shift), UUID(int=PROXY.int + shift), video_id))
        plan = decide(submission, None, ids.__next__)
        async with database.begin() as tx:
            await record_import(tx, plan, _NEWEST - timedelta(days=number))
