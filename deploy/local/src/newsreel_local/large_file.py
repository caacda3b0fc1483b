"""A video whose one file is large, for showing downloads that break off. Its bytes are no picture."""

import json
import random
from pathlib import Path

from newsreel_local.samples.encode import Profile, write_poster
from newsreel_local.samples.generate import MANIFEST
from newsreel_local.samples.manifest import described_file, described_rendition, texts_part
from newsreel_local.samples.texts import read_texts

REFERENCE = "NR-2026-9300"
_LARGE = Profile(name="broadcast-2160p", role="broadcast", width=3840, height=2160, options=())
_CHUNK = 1_000_000


def make_large_video(output: Path, size: int) -> Path:
    """For `newsreel catalog import`, with the texts of the first sample. Returns the large file."""
    folder = output / REFERENCE
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{REFERENCE}-{_LARGE.name}.mp4"
    chance = random.Random(REFERENCE)  # noqa: S311 (the same bytes every time)
    with file.open("wb") as opened:
        for at in range(0, size, _CHUNK):
            opened.write(chance.randbytes(min(_CHUNK, size - at)))
    poster = folder / f"{REFERENCE}-poster.jpg"
    write_poster(poster, 1, 1)
    text = read_texts()[0]
    described = {
        **texts_part(text),
        "reference": REFERENCE,
        "poster": described_file(poster),
        "renditions": [described_rendition(file, _LARGE, text["duration_ms"])],
    }
    (folder / MANIFEST).write_text(json.dumps(described, ensure_ascii=False), encoding="utf-8")
    return file
