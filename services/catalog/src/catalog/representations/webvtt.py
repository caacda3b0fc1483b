"""WebVTT (W3C, The Web Video Text Tracks Format), with voices: who speaks and, as a class, in which part.

Readers of captions drop what they cannot read. This one refuses it, since words would be lost: a block that
has no times, a tag that there is none of, words before a voice is closed.
"""

import html
import re
from collections.abc import Iterator
from typing import get_args

from catalog.domain.video import Part, Transcript
from catalog.errors import ImportRefusedError
from catalog.representations.said import Said, lines_of, shared_out, time_code, time_of

_TIME = r"(?:([0-9]{2,3}):)?([0-5][0-9]):([0-5][0-9])\.([0-9]{3})"
_TIMES = re.compile(rf"[ \t]*{_TIME}[ \t]*-->[ \t]*{_TIME}(?:[ \t].*)?")
_SIGNATURE = re.compile(r"WEBVTT(?:[ \t].*)?")
_SKIPPED = re.compile(r"NOTE(?:[ \t].*)?|(?:STYLE|REGION)[ \t]*")
_TOKEN = re.compile(r"<([^<>]*)>|<|\n|[^<\n]+")
_VOICE = re.compile(r"v((?:\.[^\s.<>&]+)*)[ \t\n]+([^\n]+)")
_OTHER_TAG = re.compile(r"/?(?:[cibuv]|ruby|rt|lang)(?:\.[^\s<>&]*)?(?:[ \t].*)?|[0-9:.]+")
_REFERENCE = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]{0,30}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});")
_BLANKS = re.compile(r"[ \t\n]+")
_PARTS = frozenset(get_args(Part))


def read_webvtt(content: bytes) -> list[Said]:
    """The voices of all cues, in their order. Raises `ImportRefusedError`, a line for each thing to mend."""
    lines = lines_of(content)
    if _SIGNATURE.fullmatch(lines[1] if len(lines) > 1 else "") is None:
        raise ImportRefusedError("line 1: is not WEBVTT, as a file of this format begins")
    said: list[Said] = []
    broken: list[str] = []
    for start, block in _blocks(lines):
        if _SKIPPED.fullmatch(block[0]) is None:
            try:
                said += _cue(start, block)
            except ImportRefusedError as error:
                broken.append(str(error))
    if broken:
        raise ImportRefusedError("\n".join(broken))
    return said


def write_webvtt(transcript: Transcript) -> str:
    """One cue for each segment; the part is a class of the voice: `<v.answer Ilse Marent>`."""
    cues = (
        f"{segment.number}\n{time_code(segment.start_ms, '.')} --> {time_code(segment.end_ms, '.')}\n"
        f"<v.{segment.part} {_escaped(segment.speaker)}>{_escaped(segment.text)}</v>\n"
        for segment in transcript.segments
    )
    return "\n".join(["WEBVTT\n", *cues])


def _blocks(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Lines up to a blank one, with the number of the first. The header's own lines are left out."""
    block: list[str] = []
    in_header = True
    for number, line in enumerate([*lines[2:], ""], 2):
        if line:
            block.append(line)
            continue
        if block and (not in_header or any("-->" in part for part in block)):
            yield number - len(block), block
        in_header = False
        block = []


def _cue(start: int, block: list[str]) -> list[Said]:
    at = next((at for at, line in enumerate(block[:2]) if "-->" in line), None)
    if at is None:
        raise ImportRefusedError(f"line {start}: time: is missing; this is neither a cue nor a NOTE")
    times = _TIMES.fullmatch(block[at])
    if times is None:
        raise ImportRefusedError(f"line {start + at}: time: is not 00:00:00.000 --> 00:00:00.000")
    for below, line in enumerate(block[at + 1 :], start + at + 1):
        if "-->" in line:
            raise ImportRefusedError(f"line {below}: text: has -->; leave a blank line before a cue")
    voices = list(_voices(start + at + 1, "\n".join(block[at + 1 :])))
    codes = times.groups()
    return shared_out(time_of(*codes[:4]), time_of(*codes[4:]), voices)


def _voices(line: int, payload: str) -> Iterator[tuple[int, Part | None, str, str]]:
    """Line, part, speaker and words of each voice."""
    part, speaker, words, began = None, "", [""], line
    for token in _TOKEN.finditer(payload):
        tag = token[1]
        if tag is None and token[0] != "<":
            line += token[0] == "\n"
            words.append(_unescaped(token[0]))
            continue
        voice = _VOICE.fullmatch(tag) if tag is not None else None
        if voice is None and (tag is None or _OTHER_TAG.fullmatch(tag) is None):
            named = f"<{tag}> is no tag of WebVTT" if tag is not None else "a < is not closed"
            raise ImportRefusedError(f"line {line}: text: {named}; in words, write &lt;")
        if voice is not None or tag == "/v":
            if text := _BLANKS.sub(" ", "".join(words)).strip():
                yield began, part, speaker, text
            part, speaker = (_part(voice[1]), _speaker(voice[2])) if voice else (None, "")
            words, began = [], line
    if text := _BLANKS.sub(" ", "".join(words)).strip():
        yield began, part, speaker, text


def _part(classes: str) -> Part | None:
    found = (name for name in classes.split(".") if name in _PARTS)
    return next(found, None)  # type: ignore[arg-type]  # the names of parts


def _speaker(annotation: str) -> str:
    return _BLANKS.sub(" ", _unescaped(annotation)).strip()


def _unescaped(text: str) -> str:
    return _REFERENCE.sub(lambda found: html.unescape(found[0]), text)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
