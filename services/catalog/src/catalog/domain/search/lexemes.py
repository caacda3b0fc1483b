"""The lexemes of a word: what the index holds of it, and what a question for it looks for."""

from functools import lru_cache
from typing import Literal

import Stemmer

from catalog.domain.search import ukrainian
from catalog.domain.search.folding import folded, is_cyrillic, lowered
from catalog.domain.video import Language

# Raised whenever the lexemes of any word become others: the index is made anew then, video after video.
RULES = 1

_ENGLISH = Stemmer.Stemmer("english", 0)
_FRENCH = Stemmer.Stemmer("french", 0)
_CACHED = 100_000  # words, some 20 MB: most of what is said is said with the same ones


@lru_cache(_CACHED)
def written(word: str, language: Language) -> tuple[str, ...]:
    """The lexemes of a word in a text of that language.

    In French they are two: with accents the stemmer knows more, and many leave them out when they ask.
    """
    if is_cyrillic(word):
        return (ukrainian.stem(folded(word)),)
    if language == "fr":
        return tuple(dict.fromkeys((folded(_FRENCH.stemWord(lowered(word))), _FRENCH.stemWord(folded(word)))))
    return (_ENGLISH.stemWord(folded(word)),)


@lru_cache(_CACHED)
def asked(word: str) -> tuple[str, ...]:
    """The lexemes that a typed word may have, whatever language was meant."""
    return tuple(dict.fromkeys((*written(word, "en"), *written(word, "fr"))))


def tag(kind: Literal["speaker", "place", "language", "has"], word: str) -> str:
    """The lexeme of what a moment has besides its words; no word has a slash."""
    return f"{kind}/{folded(word)}"
