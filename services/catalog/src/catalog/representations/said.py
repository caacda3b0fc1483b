"""What a file of a transcript says, piece by piece, before it is held against the video."""

import re
from dataclasses import dataclass

from catalog.domain.video import Part, Segment
from catalog.errors import ImportRefusedError

FILE_BYTES = 4 * 1024 * 1024  # ten times the words of three hours, with their times
MOST_LINES = 50  # of a refusal
_LINE_END = re.compile(r"\r\n?")


@dataclass(frozen=True)
class Said:
    """One piece, and the line it begins on. None and "" stand for what the file does not say."""

    line: int
    start_ms: int | None
    end_ms: int | None
    part: Part | None
    speaker: str
    text: str

    def segment(self, number: int) -> Segment:
        """Raises `ValueError` while its part or its times are not known."""
        if self.part is None or self.start_ms is None or self.end_ms is None:
            raise ValueError("has no part or no times yet")
        return Segment(number, self.start_ms, self.end_ms, self.part, self.speaker, self.text)


def lines_of(content: bytes) -> list[str]:
    """The lines of a text file, from index 1: they count as an editor counts them.

    Raises `ImportRefusedError` for a file that is too large, is not UTF-8 or has NUL.
    """
    if len(content) > FILE_BYTES:
        raise ImportRefusedError(f"file: has more than {FILE_BYTES} bytes")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ImportRefusedError(
            f"line {line}: is not UTF-8, at byte {error.start + 1} of the file"
        ) from None
    if (at := text.find("\0")) >= 0:
        raise ImportRefusedError(f"line {text.count(chr(10), 0, at) + 1}: has a NUL; this is no text")
    return ["", *_LINE_END.sub("\n", text).split("\n")]


def shared_out(start_ms: int, end_ms: int, voices: list[tuple[int, Part | None, str, str]]) -> list[Said]:
    """The voices (line, part, speaker, text) of one cue, each with its share of the time, by letters."""
    letters = sum(len(text) for *_, text in voices)
    said: list[Said] = []
    spoken = 0
    for line, part, speaker, text in voices:
        began = start_ms + (end_ms - start_ms) * spoken // letters
        spoken += len(text)
        ended = start_ms + (end_ms - start_ms) * spoken // letters
        said.append(Said(line, began, ended, part, speaker, text))
    return said


def time_of(hours: str | None, minutes: str, seconds: str, milliseconds: str) -> int:
    """Milliseconds of a time code."""
    return ((int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(milliseconds)


def time_code(milliseconds: int, point: str) -> str:
    """`00:01:02.345`, with that sign before the thousandths; hours always."""
    seconds, thousandths = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{point}{thousandths:03}"
