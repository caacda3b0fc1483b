"""Timed captions of a speech, for a text that has no times."""

from collections.abc import Sequence
from dataclasses import replace

from catalog.domain.alignment import align, doubts
from catalog.domain.captions import Caption
from catalog.domain.headings import Speakers
from catalog.errors import AlignmentRefusedError, ImportRefusedError
from catalog.representations.said import MOST_LINES, Said
from catalog.representations.srt import read_srt
from catalog.representations.webvtt import read_webvtt


def timed_by(
    said: Sequence[Said], captions: bytes, ending: str, duration_ms: int
) -> tuple[tuple[Said, ...], list[str]]:
    """The text with the times of the captions, and what is not sure of these; its words stay as they are.

    Captions need no speakers, and some of their words may be wrong. Raises `ImportRefusedError`.
    """
    if ending.lower() not in (".vtt", ".srt"):
        raise ImportRefusedError(f"captions: end in {ending or 'nothing'}; they are .vtt or .srt")
    try:
        shown = read_webvtt(captions) if ending.lower() == ".vtt" else read_srt(captions, Speakers([]))
        cues = [Caption(one.start_ms or 0, one.end_ms or 0, one.text) for one in shown]
        found = align([one.text for one in said], cues, duration_ms)
    except ImportRefusedError as error:
        lines = str(error).splitlines()[:MOST_LINES]
        raise ImportRefusedError("\n".join(f"captions: {line}" for line in lines)) from None
    except AlignmentRefusedError as error:
        raise ImportRefusedError(str(error)) from None
    times = zip(said, found.times, strict=True)
    timed = tuple(replace(one, start_ms=time.start_ms, end_ms=time.end_ms) for one, time in times)
    return timed, doubts(found)
