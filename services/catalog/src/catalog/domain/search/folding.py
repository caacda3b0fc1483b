"""Words as they are compared: small letters, no accents, no apostrophes, whatever hand typed them."""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

# What people and their keyboards put for an apostrophe. It is a sign of a Ukrainian word (п'ять); in French
# and English it parts two (l'accord).
_APOSTROPHES = "'\u2019\u2018\u02bc\u02b9\u2032\u00b4`\uff07"
_CYRILLIC = "\u0400-\u052f"
_MARKS = "\u0300-\u036f"
_WORD = re.compile(
    rf"[^\W_](?:[^\W_]|[{_MARKS}]|(?<=[{_CYRILLIC}{_MARKS}])[{_APOSTROPHES}](?=[{_CYRILLIC}]))*"
)
_IS_CYRILLIC = re.compile(f"[{_CYRILLIC}]")
_DROPPED = re.compile(f"[{_MARKS}{_APOSTROPHES}]")
_LETTERS = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "\u0131": "i", "þ": "th", "ð": "d"}
)
_LONGEST = 64  # letters of a word that count


class Word(NamedTuple):
    """A word of a text: the letters from `start` to `end`, counted in code points, as they were written."""

    start: int
    end: int
    text: str


def words(text: str) -> Iterator[Word]:
    """The words of a text in their order. Marks and blanks are none; a hyphen parts two."""
    return (Word(*found.span(), found[0]) for found in _WORD.finditer(text))


def is_cyrillic(word: str) -> bool:
    return _IS_CYRILLIC.search(word) is not None


def lowered(word: str) -> str:
    """In small letters and normal form C, accents kept: what a stemmer of French wants."""
    return unicodedata.normalize("NFC", word.casefold())[:_LONGEST]


def folded(word: str) -> str:
    """The word without case, accents and apostrophes.

    The letters й and ї are no accented ones (their marks are part of them), and ґ is written г by many.
    """
    if is_cyrillic(word):
        return _DROPPED.sub("", lowered(word)).replace("ґ", "г")
    plain = unicodedata.normalize("NFKD", word.casefold())
    return _DROPPED.sub("", plain).translate(_LETTERS)[:_LONGEST]
