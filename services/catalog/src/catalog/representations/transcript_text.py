"""A transcript as text that people read: each speaker's name on a line before the words; no times."""

from itertools import groupby

from catalog.domain.video import Segment, Transcript


def write_text(transcript: Transcript) -> str:
    """A paragraph for each segment; the name with a colon stands above the first of a turn."""
    turns = groupby(transcript.segments, key=_turn)
    return "\n".join(
        f"{speaker}:\n\n" + "\n".join(f"{segment.text}\n" for segment in segments)
        for (_, speaker), segments in turns
    )


def _turn(segment: Segment) -> tuple[str, str]:
    return segment.part, segment.speaker
