"""The manifest: what `newsreel catalog import` reads about one video and its files."""

import hashlib
from pathlib import Path
from typing import Any

from newsreel_local.samples.encode import Profile
from newsreel_local.samples.pattern import FRAMES_PER_SECOND
from newsreel_local.samples.texts import SampleText, TranscriptText

FORMAT = "newsreel-manifest/1"
_SAME = frozenset(SampleText.__required_keys__) - {"shotlist", "transcript"}


def texts_part(text: SampleText) -> dict[str, Any]:
    """The part of the manifest that comes from the texts alone."""
    written: dict[str, Any] = dict(text)
    return {
        "format": FORMAT,
        **{name: value for name, value in written.items() if name in _SAME},
        "spoken_languages": [text["transcript"]["spoken"]],
        "shotlist": [{"number": at, **shot} for at, shot in enumerate(text["shotlist"], 1)],
        "transcripts": transcripts(text["transcript"]),
    }


def transcripts(transcript: TranscriptText) -> list[dict[str, Any]]:
    """One transcript per language, the spoken one first."""
    spoken = transcript["spoken"]
    languages = sorted(transcript["segments"][0]["text"], key=lambda language: (language != spoken, language))
    return [
        {
            "language": language,
            "kind": "verbatim" if language == spoken else "translation",
            "segments": [
                {"number": at, **segment, "text": segment["text"][language]}
                for at, segment in enumerate(transcript["segments"], 1)
            ],
        }
        for language in languages
    ]


def described_file(path: Path) -> dict[str, Any]:
    """Name, size in bytes and sha256 of a file."""
    with path.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    return {"file": path.name, "size_bytes": path.stat().st_size, "sha256": digest}


def described_rendition(path: Path, profile: Profile, duration_ms: int) -> dict[str, Any]:
    """A rendition as the manifest says it; `bit_rate` is that of the whole file, bits per second."""
    described = described_file(path)
    return {
        "name": profile.name,
        "role": profile.role,
        "media_type": profile.media_type,
        "container": profile.container,
        "video_codec": profile.video_codec,
        "audio_codec": profile.audio_codec,
        "width": profile.width,
        "height": profile.height,
        "frame_rate": f"{FRAMES_PER_SECOND}/1",
        "bit_rate": described["size_bytes"] * 8 * 1000 // duration_ms,
        **described,
    }
