"""Who lays the official text over the captions: the catalog, and two ways that a script would take."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import accumulate, pairwise

from benchmarks.align.speeches import Speech
from catalog.domain.alignment import align
from catalog.domain.spoken_words import spoken_words


@dataclass(frozen=True)
class Placed:
    """When a segment begins and ends (ms), and how sure that is said to be, 0 to 1."""

    start: float
    end: float
    confidence: float = 1.0


Contestant = Callable[[Speech], list[Placed]]


def ours(speech: Speech) -> list[Placed]:
    times = align(speech.segments, speech.captions, speech.duration_ms).times
    return [Placed(one.start_ms, one.end_ms, one.confidence) for one in times]


def by_letters(speech: Speech) -> list[Placed]:
    """The time from the first caption to the last is shared out by letters; no caption is read."""
    start, end = speech.captions[0].start_ms, speech.captions[-1].end_ms
    offsets = list(accumulate((len(segment) + 1 for segment in speech.segments), initial=0))
    times = [start + (end - start) * offset / offsets[-1] for offset in offsets]
    return [Placed(*pair) for pair in pairwise(times)]


def by_difflib(speech: Speech) -> list[Placed]:
    """A segment's ends are its first and last word that the standard library's `SequenceMatcher` finds.

    It has its own settings; words are folded as ours are, and timed by letters in their caption. A segment of
    which nothing is found stands where the one before it ended.
    """
    heard = list(_heard(speech))
    words = [spoken_words(segment) for segment in speech.segments]
    segment_of = [number for number, part in enumerate(words) for _ in part]
    row = [word for part in words for word in part]
    found: dict[int, tuple[float, float]] = {}
    for block in SequenceMatcher(None, row, [word for word, _, _ in heard]).get_matching_blocks():
        for step in range(block.size):
            segment, (_, start, end) = segment_of[block.a + step], heard[block.b + step]
            found[segment] = (found.get(segment, (start, end))[0], end)
    placed: list[Placed] = []
    for number in range(len(words)):
        before = placed[-1].end if placed else 0.0
        placed.append(Placed(*found.get(number, (before, before))))
    return placed


def _heard(speech: Speech) -> Iterator[tuple[str, float, float]]:
    """Each word of the captions, with the time at which it begins and ends."""
    for caption in speech.captions:
        words = spoken_words(caption.text)
        at, letters = float(caption.start_ms), sum(len(word) + 1 for word in words)
        for word in words:
            end = at + (caption.end_ms - caption.start_ms) * (len(word) + 1) / letters
            yield word, at, end
            at = end


CONTESTANTS: Mapping[str, Contestant] = {"ours": ours, "difflib": by_difflib, "letters": by_letters}
