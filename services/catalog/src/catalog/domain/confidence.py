"""How sure the time of a segment is.

A moment is as sure as the next word of its segment that is heard is near, and as such words are many around
it: captions of another speech share some words by chance, but not a third of them in a row. The figures come
from made-up speeches; `make bench-align` holds them against others, what was said beside what was right.
"""

from collections.abc import Collection, Sequence
from itertools import accumulate, pairwise
from math import inf

from catalog.domain.segment_edges import Edge, Text

_AT_BEST = 0.98  # a word's time in its caption is an estimate too
_HALF = 16_000  # milliseconds to the next word that is heard, at which it is half as sure
_AROUND = 30  # words to each side
_MANY = 10  # of them are heard, at least, and this share:
_SHARE = 0.35
_UNHEARD = 0.5  # both ends are guesses when no word of the segment is heard


def confidences(text: Text, edges: Sequence[Edge], heard: Collection[int]) -> list[float]:
    """For each segment the chance, 0 to 1, that its begin and its end are both right to a second.

    `heard` are the places of the words that the captions have.
    """
    known = set(heard)
    counted = list(accumulate((place in known for place in range(len(text.words))), initial=0))

    def trust(place: int) -> float:
        start, end = max(0, place - _AROUND), min(len(text.words), place + _AROUND)
        found = counted[end] - counted[start]
        return min(1.0, found / _MANY, found / (end - start) / _SHARE) if found else 0.0

    sure = []
    for number, (begin, end) in enumerate(pairwise(edges)):
        starts = _near(begin.after, begin.before) * trust(text.begins[number])
        ends = _near(end.before, end.after) * trust(text.begins[number + 1])
        unheard = counted[text.begins[number]] == counted[text.begins[number + 1]]
        sure.append(round(starts * ends * (_UNHEARD if unheard else 1.0), 3))
    return sure


def _near(own: float, other: float) -> float:
    """The word of the other segment counts where this one has no such word to its end."""
    away = other if own == inf else own
    return _AT_BEST / (1 + away / _HALF)
