"""SubRip (SRT): no standard, and no field for who speaks: `Ilse Marent: Good evening.`"""

import re
from collections.abc import Iterator

from catalog.domain.headings import Speakers, heading_of
from catalog.domain.video import Transcript
from catalog.errors import ImportRefusedError
from catalog.representations.said import Said, lines_of, time_code, time_of

_TIME = r"([0-9]{1,3}):([0-5][0-9]):([0-5][0-9])[,.]([0-9]{3})"
_TIMES = re.compile(rf"[ \t]*{_TIME}[ \t]*-->[ \t]*{_TIME}(?:[ \t].*)?")
_NUMBER = re.compile(r"[ \t]*[0-9]{1,9}[ \t]*")
_STYLE = re.compile(r"</?[bius]>|</?font(?: [^<>]*)?>|\{\\[^{}]*\}", re.IGNORECASE)
_BLANKS = re.compile(r"[ \t\n]+")


def read_srt(content: bytes, speakers: Speakers) -> list[Said]:
    """The cues in their order; one that names nobody goes on with the speaker before it.

    Raises `ImportRefusedError` with a line for each thing to mend.
    """
    said: list[Said] = []
    broken: list[str] = []
    speaker = ""
    for line, times, words in _cues(lines_of(content)):
        codes = _TIMES.fullmatch(times)
        if codes is None:
            reason = "is not 00:00:00,000 --> 00:00:00,000" if "-->" in times else "is missing"
            broken.append(f"line {line}: time: {reason}")
            continue
        named, text = _speaker(_BLANKS.sub(" ", _STYLE.sub("", words)).strip(), speakers)
        speaker = named or speaker
        if text:
            found = codes.groups()
            said.append(Said(line + 1, time_of(*found[:4]), time_of(*found[4:]), None, speaker, text))
    if broken:
        raise ImportRefusedError("\n".join(broken))
    return said


def write_srt(transcript: Transcript) -> str:
    """One cue for each segment, with its speaker before the words; the part is not in it."""
    return "\n".join(
        f"{segment.number}\n{time_code(segment.start_ms, ',')} --> {time_code(segment.end_ms, ',')}\n"
        f"{segment.speaker}: {segment.text}\n"
        for segment in transcript.segments
    )


def _cues(lines: list[str]) -> Iterator[tuple[int, str, str]]:
    """The line of the times, the times, and the words. A blank line alone ends no cue: words may go on."""
    at, last = 1, len(lines)
    while at < last:
        if not lines[at].strip():
            at += 1
            continue
        at += _is_numbered(lines, at)
        begun = at
        at += 1
        while at < last and not _begins(lines, at):
            at += 1
        yield begun, lines[begun], "\n".join(lines[begun + 1 : at])


def _begins(lines: list[str], at: int) -> bool:
    return "-->" in lines[at] or _is_numbered(lines, at)


def _is_numbered(lines: list[str], at: int) -> bool:
    return bool(_NUMBER.fullmatch(lines[at])) and at + 1 < len(lines) and "-->" in lines[at + 1]


def _speaker(text: str, speakers: Speakers) -> tuple[str, str]:
    name, colon, words = text.partition(": ")
    known = speakers.named(name) if colon else None
    if known is not None:
        return known, words.strip()
    heading = heading_of(text, speakers)
    if heading is not None and heading.inline and heading.unsure is None:
        return heading.speaker, text[heading.length :]
    return "", text
