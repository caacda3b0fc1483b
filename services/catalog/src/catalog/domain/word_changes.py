"""Where what was said differs from what was prepared, word by word."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from catalog.domain.spoken_words import said, spoken_words

_AROUND = 3  # words of context on either side


@dataclass(frozen=True)
class Change:
    """Words that were prepared and those said instead; either may be none ("").

    `segment` is the delivered one, from 0, in which it happens; `before` and `after` are delivered words.
    """

    segment: int
    before: str
    prepared: str
    delivered: str
    after: str


@dataclass(frozen=True)
class Comparison:
    """The changes in their order; how many words were prepared, were delivered and are in both."""

    changes: tuple[Change, ...]
    prepared: int
    delivered: int
    both: int


@dataclass(frozen=True)
class _Word:
    segment: int
    text: str
    key: str


def compare_words(prepared: Sequence[str], delivered: Sequence[str]) -> Comparison:
    """Compare two texts, given in segments, by their words: not by case, accents, marks or line breaks.

    Words in square brackets are an editor's and are left out.
    """
    ours, theirs = list(_words(prepared)), list(_words(delivered))
    # Words of more than one in a hundred do not begin a match: the difference of a day's hearing is seconds.
    matcher = SequenceMatcher(None, [word.key for word in ours], [word.key for word in theirs])
    changes = [
        Change(
            theirs[min(begin, len(theirs) - 1)].segment if theirs else 0,
            _joined(theirs[max(0, begin - _AROUND) : begin]),
            _joined(ours[start:end]),
            _joined(theirs[begin:stop]),
            _joined(theirs[stop : stop + _AROUND]),
        )
        for tag, start, end, begin, stop in matcher.get_opcodes()
        if tag != "equal"
    ]
    both = sum(block.size for block in matcher.get_matching_blocks())
    return Comparison(tuple(changes), len(ours), len(theirs), both)


def _words(segments: Sequence[str]) -> Iterator[_Word]:
    for number, segment in enumerate(segments):
        for text in said(segment).split():
            if key := " ".join(spoken_words(text)):
                yield _Word(number, text, key)


def _joined(found: Sequence[_Word]) -> str:
    return " ".join(word.text for word in found)
