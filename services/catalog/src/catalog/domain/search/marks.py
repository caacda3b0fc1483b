"""Where the words that were asked for stand in a text."""

from collections.abc import Sequence

from catalog.domain.search.folding import Word, words
from catalog.domain.search.lexemes import asked, written
from catalog.domain.search.question import Phrase
from catalog.domain.video import Language

Span = tuple[int, int]


def marks(text: str, language: Language, spoken: Sequence[Phrase]) -> tuple[Span, ...]:
    """The parts of a text that answer `spoken`, each from its first letter to behind its last (code points).

    They are in order and do not overlap; a phrase is one part.
    """
    said = list(words(text))
    lexemes = [frozenset(written(word.text, language)) for word in said]
    found: list[Span] = []
    for phrase in spoken:
        sought = [asked(word) for word in phrase]
        found += (
            _span(said, place, len(phrase))
            for place in range(len(said) - len(phrase) + 1)
            if not any(lexemes[place + step].isdisjoint(forms) for step, forms in enumerate(sought))
        )
    return _merged(sorted(found))


def _span(said: Sequence[Word], place: int, length: int) -> Span:
    return said[place].start, said[place + length - 1].end


def _merged(spans: Sequence[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for start, end in spans:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)
