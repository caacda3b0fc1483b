"""The formats that a transcript is given out in."""

from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias

from catalog.domain.video import Transcript
from catalog.representations.srt import write_srt
from catalog.representations.transcript_text import write_text
from catalog.representations.webvtt import write_webvtt

Ending: TypeAlias = Literal["vtt", "srt", "txt"]
MEDIA_TYPES: Mapping[Ending, str] = {
    "vtt": "text/vtt",  # RFC 8081 says UTF-8 always
    "srt": "application/x-subrip",
    "txt": "text/plain; charset=utf-8",
}
WRITERS: Mapping[Ending, Callable[[Transcript], str]] = {
    "vtt": write_webvtt,
    "srt": write_srt,
    "txt": write_text,
}
