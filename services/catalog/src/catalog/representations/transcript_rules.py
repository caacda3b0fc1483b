"""What a transcript must be, to be published with its video: its letters, names, times and order."""

from collections.abc import Iterator, Sequence

from pydantic import ValidationError

from catalog.domain.heading_choice import Doubt
from catalog.domain.plain_text import difference, nearest, printable
from catalog.domain.video import Person
from catalog.representations.manifest import MOST_SEGMENTS, SegmentPart
from catalog.representations.refusal_lines import refusal
from catalog.representations.said import Said, time_code


def broken_rules(said: Sequence[Said], unit: str, duration_ms: int) -> Iterator[str]:
    """`line 12: text: what to mend`, for each rule that is broken; `unit` says what `Said.line` counts."""
    if not 0 < len(said) <= MOST_SEGMENTS:
        yield f"segments: there are {len(said)}; 1 to {MOST_SEGMENTS} are allowed"
    began = ended = 0
    for one in said:
        place = f"{unit}{one.line}"
        yield from (f"{place}: {line}" for line in _broken_fields(one))
        if one.start_ms is None or one.end_ms is None:
            continue
        start = time_code(one.start_ms, ".")
        if one.start_ms < began:
            yield f"{place}: start: {start} is before the one above it, {time_code(began, '.')}"
        elif one.start_ms < ended:
            yield f"{place}: start: {start} is in the one above it, which ends at {time_code(ended, '.')}"
        if one.end_ms <= one.start_ms:
            yield f"{place}: end: {time_code(one.end_ms, '.')} does not come after its start, {start}"
        if one.end_ms > duration_ms:
            last = time_code(duration_ms, ".")
            yield f"{place}: end: {time_code(one.end_ms, '.')} is after the end of the video, {last}"
        began, ended = one.start_ms, max(ended, one.end_ms)


def strangers(said: Sequence[Said], people: Sequence[Person]) -> Iterator[Doubt]:
    """Speakers that the video does not name: perhaps mistyped."""
    names = {person.name for person in people}
    for one in said:
        if one.speaker not in names:
            meant = nearest(one.speaker, names)
            hint = f"; {meant} is: {difference(one.speaker, meant)}" if meant else ""
            yield Doubt(one.line, one.speaker, "a speaker", f"is none of the video's people{hint}")
            names.add(one.speaker)


def _broken_fields(one: Said) -> list[str]:
    """The rules of a manifest's segment."""
    if not one.speaker:
        return [f"speaker: nobody is named for “{printable(one.text, 30)}”; say --speaker"]
    try:
        SegmentPart(
            number=1,
            start_ms=one.start_ms or 0,
            end_ms=one.end_ms or 0,
            part=one.part or "speech",
            speaker=one.speaker,
            text=one.text,
        )
    except ValidationError as error:
        return str(refusal(error)).splitlines()
    return []
