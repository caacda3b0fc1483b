"""The words of the sample videos, one JSON file each, and what such a file holds."""

import json
from importlib.resources import files
from typing import NotRequired, TypedDict


class ShotText(TypedDict):
    """One line of the shotlist; milliseconds from the start."""

    start_ms: int
    end_ms: int
    kind: str
    text: dict[str, str]
    speaker: NotRequired[str]


class SegmentText(TypedDict):
    """One piece of what is said, in every language; milliseconds from the start."""

    start_ms: int
    end_ms: int
    part: str
    speaker: str
    text: dict[str, str]


class TranscriptText(TypedDict):
    """What is said; the language `spoken` is verbatim, the others are translations."""

    spoken: str
    segments: list[SegmentText]


class SampleText(TypedDict):
    """All that is written about one video."""

    reference: str
    duration_ms: int
    titles: dict[str, str]
    headlines: dict[str, str]
    descriptions: dict[str, str]
    genre: str
    keywords: dict[str, list[str]]
    recorded_at: str
    people: list[dict[str, str]]
    location: str
    credit_line: str
    restrictions: dict[str, str]
    shotlist: list[ShotText]
    transcript: TranscriptText


def read_texts() -> list[SampleText]:
    found = [file for file in files(__name__).iterdir() if file.name.endswith(".json")]
    return [
        json.loads(file.read_text(encoding="utf-8")) for file in sorted(found, key=lambda path: path.name)
    ]
