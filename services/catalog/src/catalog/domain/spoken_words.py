"""The words of a text that are spoken, as they are compared."""

import re

from catalog.domain.search.folding import folded, words

_ADDED = re.compile(r"\[[^\[\]]*\]")  # an editor's addition, [of the Council] or [Music]: nobody said it


def said(text: str) -> str:
    """The text without what stands in square brackets."""
    return _ADDED.sub(" ", text)


def spoken_words(text: str) -> list[str]:
    """The words as the search folds them, without what stands in square brackets.

    Numbers stay as they are written: one word that is not found moves nothing.
    """
    return [folded(word.text) for word in words(said(text))]
