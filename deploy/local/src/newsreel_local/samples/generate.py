"""One sample video on disk: made beside its place and moved there whole, so that it is complete or absent."""

import json
import shutil
from pathlib import Path
from typing import Any

from newsreel_local.samples.encode import PROFILES, Profile, encode, write_poster
from newsreel_local.samples.manifest import described_file, described_rendition, texts_part
from newsreel_local.samples.pattern import FRAMES_PER_SECOND
from newsreel_local.samples.texts import SampleText

MANIFEST = "manifest.json"


def is_complete(text: SampleText, output: Path) -> bool:
    """Whether the video is there with these very texts, and each of its files as long as it was made."""
    folder = output / text["reference"]
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        described = [manifest["poster"], *manifest["renditions"]]
        sizes = all(
            (folder / rendition["file"]).stat().st_size == rendition["size_bytes"] for rendition in described
        )
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError):
        return False
    written = texts_part(text)
    return sizes and {name: manifest.get(name) for name in written} == written


def ensure_video(text: SampleText, output: Path, profiles: tuple[Profile, ...] = PROFILES) -> int:
    """Make the video in `output` unless it is complete there; the bytes of its renditions.

    Whatever an interrupted run left of it is replaced. Raises OSError when the folder cannot be written.
    """
    final = output / text["reference"]
    if not is_complete(text, output):
        partial = output / f".{text['reference']}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        _make(text, partial, profiles)
        shutil.rmtree(final, ignore_errors=True)
        partial.rename(final)
    manifest = json.loads((final / MANIFEST).read_text(encoding="utf-8"))
    return sum(rendition["size_bytes"] for rendition in manifest["renditions"])


def _make(text: SampleText, folder: Path, profiles: tuple[Profile, ...]) -> None:
    number = int(text["reference"].rpartition("-")[2])
    frames = text["duration_ms"] * FRAMES_PER_SECOND // 1000
    renditions: list[dict[str, Any]] = []
    for profile in profiles:
        path = folder / f"{text['reference']}-{profile.name}.{profile.suffix}"
        encode(path, profile, number, frames)
        renditions.append(described_rendition(path, profile, text["duration_ms"]))
    poster = folder / f"{text['reference']}-poster.jpg"
    write_poster(poster, number, frames // 2)
    manifest = texts_part(text) | {"poster": described_file(poster), "renditions": renditions}
    written = json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"
    (folder / MANIFEST).write_text(written, encoding="utf-8")
