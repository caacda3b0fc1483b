"""A catalogue of three videos in memory, one of them with everything that a video can have."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx

from catalog.representations.bodies import TranscriptBody, VideoBody, VideosBody
from newsreel_runtime.errors import ServiceError
from newsreel_testing.portal_backends import Backend, said

VIDEO = UUID("0198f0c0-0000-7000-8000-000000000001")
BARE_VIDEO = UUID("0198f0c0-0000-7000-8000-000000000002")
OLD_VIDEO = UUID("0198f0c0-0000-7000-8000-000000000003")
BROADCAST = UUID("0198f0c0-0000-7000-8000-0000000000a1")
PROXY = UUID("0198f0c0-0000-7000-8000-0000000000a2")
NEXT = "bmV4dA=="


def _summary(video_id: UUID, title: str) -> dict[str, Any]:
    return {
        "id": str(video_id),
        "reference": "NR-2026-001",
        "title": {"en": title, "fr": f"{title} en français", "uk": f"{title} українською"},
        "headline": {"en": "Five questions <and> five answers"},
        "genre": "press_conference",
        "recorded_at": "2026-05-14",
        "published_at": "2026-05-14T16:00:00Z",
        "duration_ms": 72_000,
        "spoken_languages": ["fr", "en"],
    }


def _rendition(rendition_id: UUID, name: str, role: str) -> dict[str, Any]:
    return {
        "rendition_id": str(rendition_id),
        "name": name,
        "role": role,
        "file": f"{name}.mp4",
        "media_type": "video/mp4",
        "container": "mp4",
        "video_codec": "h264",
        "audio_codec": "aac" if role == "broadcast" else None,
        "width": 1920,
        "height": 1080,
        "frame_rate": "25/1",
        "bit_rate": 8_000_000,
        "size_bytes": 72_345_678,
        "sha256": "ab" * 32,
    }


def _details(video_id: UUID) -> dict[str, Any]:
    full = video_id == VIDEO
    return _summary(video_id, "Doorstep") | {
        "version": 1,
        "status": "usable",
        "description": {"en": "A <b>description</b>.", "fr": "Une description."},
        "keywords": {"en": ["fish"]},
        "location": "Brussels",
        "credit_line": "Newsreel",
        "restrictions": {"en": "Editorial use only."} if full else {},
        "people": [{"name": "Ana Lind", "role": "Spokesperson", "organisation": None}] if full else [],
        "shotlist": [
            {
                "number": 1,
                "start_ms": 0,
                "end_ms": 12_000,
                "kind": "wide_shot",
                "text": {"en": "Arrival."},
                "speaker": None,
            },
            {
                "number": 2,
                "start_ms": 12_000,
                "end_ms": 72_000,
                "kind": "soundbite",
                "text": {"fr": "Bonjour."},
                "speaker": "Ana Lind",
            },
        ]
        if full
        else [],
        "transcript_languages": ["en", "fr"] if full else [],
        "renditions": [
            _rendition(BROADCAST, "broadcast-1080p", "broadcast"),
            _rendition(PROXY, "proxy-360p", "proxy"),
        ],
    }


def _transcript(language: str) -> dict[str, Any]:
    said_there = {"en": ["Good morning.", "Why?", "Because."], "fr": ["Bonjour.", "Pourquoi ?", "Parce que."]}
    parts = ("speech", "question", "answer")
    speakers = ("Ana Lind", "Journalist", "Ana Lind")
    segments = [
        {
            "number": n + 1,
            "start_ms": n * 12_000,
            "end_ms": (n + 1) * 12_000,
            "part": p,
            "speaker": s,
            "text": t,
        }
        for n, (p, s, t) in enumerate(zip(parts, speakers, said_there[language], strict=True))
    ]
    return {
        "video_id": str(VIDEO),
        "language": language,
        "kind": "verbatim",
        "version": 1,
        "segments": segments,
    }


@dataclass
class FakeCatalog(Backend):
    """Two pages of a list: two videos, then an older one. `silent_transcripts` makes those fail alone."""

    silent_transcripts: bool = False
    videos: tuple[UUID, ...] = field(default=(VIDEO, BARE_VIDEO, OLD_VIDEO))

    def answer(self, request: httpx.Request, body: dict[str, Any]) -> httpx.Response:
        match request.url.path.strip("/").split("/"):
            case ["v1", "videos"]:
                return self._page(request.url.params.get("cursor"))
            case ["v1", "videos", video_id] if UUID(video_id) in self.videos:
                return said(200, VideoBody.model_validate(_details(UUID(video_id))))
            case ["v1", "videos", _, "transcripts", language]:
                if self.silent_transcripts:
                    return httpx.Response(500)
                return said(200, TranscriptBody.model_validate(_transcript(language)))
        raise ServiceError("video-unknown", 404, "There is no such video", "Look it up in the list.")

    def _page(self, cursor: str | None) -> httpx.Response:
        if cursor not in {None, NEXT}:
            raise ServiceError("cursor-refused", 422, "The cursor was refused", "Begin at the first page.")
        shown = self.videos[2:] if cursor else self.videos[:2]
        items = [_summary(video_id, "Doorstep") for video_id in shown]
        return said(200, VideosBody.model_validate({"items": items, "next_cursor": None if cursor else NEXT}))
