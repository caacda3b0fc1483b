"""Text as people see it: in normal form C, with no letter that is not seen, and how two names differ."""

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from itertools import zip_longest

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
# Letters and marks without a shape (Unicode's Default_Ignorable_Code_Point), and the blank of Braille.
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8"
    "\U000e0000-\U000e0fff]"
)
# Marks that one hand types for another: they look the same, or nearly.
_ALIKE = str.maketrans(
    dict.fromkeys("\u2018\u2019\u02bc\u02b9\u2032\u00b4`\uff07", "'")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-")
)


def normal(text: str) -> str:
    """Normal form C: one letter, one code point, however it was typed."""
    return unicodedata.normalize("NFC", text)


def hidden_letter(text: str, allowed: str = "") -> str | None:
    """The first letter that is not seen, or turns the direction of reading, by its name."""
    for place, letter in enumerate(text, 1):
        if letter not in allowed and (unicodedata.category(letter) in _HIDDEN or _BLANK.match(letter)):
            return f"{letter_name(letter)}, at letter {place}"
    return None


def is_legible(text: str) -> bool:
    """Whether there is anything to read: a letter, number, mark or sign."""
    return any(unicodedata.category(letter)[0] in "LNPS" for letter in text)


def letter_name(letter: str) -> str:
    """`U+2019 RIGHT SINGLE QUOTATION MARK`."""
    return f"U+{ord(letter):04X} {unicodedata.name(letter, '')}".rstrip()


def printable(text: str, longest: int = 60) -> str:
    """The text on one line, cut, with what is not seen as an escape."""
    shown = "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in text[:longest])
    return f"{shown}…" if len(text) > longest else shown


def looks_like(text: str) -> str:
    """The same for texts that a reader takes for the same."""
    return " ".join(unicodedata.normalize("NFKC", text).translate(_ALIKE).casefold().split())


def nearest(text: str, known: Iterable[str]) -> str | None:
    """Which of the known texts was probably meant."""
    by_looks = {looks_like(other): other for other in known}
    found = get_close_matches(looks_like(text), by_looks, n=1, cutoff=0.75)
    return by_looks[found[0]] if found else None


def difference(text: str, other: str) -> str:
    """Where two different texts part, in words."""
    for place, (here, there) in enumerate(zip_longest(text, other), 1):
        if here != there:
            return f"letter {place} is {_named(here)} here and {_named(there)} there"
    return "they are the same"


def _named(letter: str | None) -> str:
    return letter_name(letter) if letter else "missing"
