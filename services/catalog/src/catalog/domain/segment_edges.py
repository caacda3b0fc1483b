"""Where each segment of a text ends and the next one begins, from words whose time is known.

Times are milliseconds from the start of the video.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import inf

from catalog.domain.captions import Rhythm


class Text:
    """The words of all segments in one row. `begins[k]` is the place of the first word of segment k.

    The last of `begins` is the number of words. A segment without words begins where the next one does.
    """

    def __init__(self, segments: Sequence[Sequence[str]]) -> None:
        self.words = [word for words in segments for word in words]
        self.begins = list(accumulate((len(words) for words in segments), initial=0))
        self.segment_of = [number for number, words in enumerate(segments) for _ in words]
        self._offsets = list(accumulate((len(word) + 1 for word in self.words), initial=0))

    def letters(self, start: int, end: int) -> int:
        """How long the words are from one place to another, each with the blank after it."""
        return self._offsets[end] - self._offsets[start]


@dataclass(frozen=True)
class Anchor:
    """A word of the text, by its place, that is said from `start` to `end`."""

    place: int
    start: float
    end: float


@dataclass(frozen=True)
class Edge:
    """One segment ends, the next starts; how far the anchors before and after are, `inf` if there is none."""

    end: float
    start: float
    before: float
    after: float


def edges(text: Text, anchors: Sequence[Anchor], rhythm: Rhythm, span: tuple[float, float]) -> list[Edge]:
    """The edges of all segments, in order: the first starts the text, the last ends it.

    All times are in `span`. Without anchors the text fills it.
    """
    found: list[Edge] = []
    for left, right in pairwise(_with_ends(text, anchors, rhythm, span)):
        numbers = range(len(found), bisect_right(text.begins, right.place))
        if numbers:
            found += _between(text, left, right, rhythm, numbers)
    return found


def _with_ends(
    text: Text, anchors: Sequence[Anchor], rhythm: Rhythm, span: tuple[float, float]
) -> Iterator[Anchor]:
    """The anchors, and before and after them where the text would begin and end in its usual rhythm."""
    start, end = span
    if anchors:
        first, last = anchors[0], anchors[-1]
        need = text.letters(0, first.place) / rhythm.pace + rhythm.pause * text.segment_of[first.place]
        start = max(start, first.start - need)
        segments_left = len(text.begins) - 2 - text.segment_of[last.place]
        need = text.letters(last.place + 1, len(text.words)) / rhythm.pace + rhythm.pause * segments_left
        end = min(end, last.end + need)
    yield Anchor(-1, start, start)
    yield from anchors
    yield Anchor(len(text.words), end, end)


def _between(text: Text, left: Anchor, right: Anchor, rhythm: Rhythm, numbers: range) -> Iterator[Edge]:
    """The edges between two anchors that follow each other, by their numbers."""
    inner = range(1, len(text.begins) - 1)  # the first edge and the last one have no pause
    pauses = len(range(max(numbers.start, inner.start), min(numbers.stop, inner.stop)))
    length = text.letters(left.place + 1, right.place)
    letter, pause = rhythm.share(right.start - left.end, length, pauses)
    at, place = left.end, left.place + 1
    for number in numbers:
        end = at + text.letters(place, text.begins[number]) * letter
        at, place = end + pause * (number in inner), text.begins[number]
        before = end - left.end if left.place >= 0 else inf
        yield Edge(end, at, before, after=right.start - at if right.place < len(text.words) else inf)
