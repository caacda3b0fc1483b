"""Passwords that meet every rule and are guessed first: a common word, a row of keys, one's own address.

NIST SP 800-63B-4 §3.1.1.2 asks for a list of common, expected and compromised ones. A list of whole passwords
would miss `Password123!` of today and tomorrow's alike; so what is counted is what is left beside the parts
that everybody guesses. Nothing leaves the process.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files

_LEAST = 8  # characters' worth; a guessed part counts as one, whatever its length
_SHORTEST = 4  # letters of an own word
_ROWS = (
    *("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop"),
    *("azertyuiop", "qsdfghjklm", "йцукенгшщзх", "фівапролджє", "ячсмитьбю", "1qaz2wsx3edc4rfv5tgb"),
    "!@#$%^&*()",
)
_WAYS = (*_ROWS, *(row[::-1] for row in _ROWS))
_BEGINNINGS = frozenset(row[at : at + 3] for row in _WAYS for at in range(len(row) - 2))
_LOOKS_LIKE = str.maketrans("013457@$!|", "oieastasil")
_YEAR = re.compile(r"(?:19|20)\d\d")
_PARTS = re.compile(r"[^\W\d_]+")


def is_guessable(password: str, own: Iterable[str] = ()) -> bool:
    """Whether too little is left beside common parts; `own` are texts that belong to the person."""
    text = unicodedata.normalize("NFKC", password).casefold()
    words = _common() | set(_own_words(own))
    longest, alike = max(map(len, words)), text.translate(_LOOKS_LIKE)
    worth = list(range(len(text) + 1))  # of the first n characters, at least
    for begin in range(len(text)):
        ends = {begin + 1, *_row_ends(text, begin), *_repeat_ends(text, begin)}
        if year := _YEAR.match(text, begin):
            ends.add(year.end())
        for end in range(begin + 3, min(len(text), begin + longest) + 1):
            if text[begin:end] in words or alike[begin:end] in words:
                ends.add(end)
        for end in ends:
            worth[end] = min(worth[end], worth[begin] + 1)
    return worth[-1] < _LEAST


def _row_ends(text: str, begin: int) -> Iterator[int]:
    """Where a row of keys or letters that begins here ends, forwards or backwards: three at least."""
    if text[begin : begin + 3] not in _BEGINNINGS:
        return
    for row in _WAYS:
        end = begin + 2
        while end < len(text) and text[begin : end + 1] in row:
            end += 1
        if end - begin >= 3:
            yield end


def _repeat_ends(text: str, begin: int) -> Iterator[int]:
    """Where repetitions of the piece before `begin` end; the first one counts, the others are one part."""
    for size in range(1, min(8, begin) + 1):
        piece, end = text[begin - size : begin], begin
        while text.startswith(piece, end):
            end += size
        if end > begin:
            yield end


def _own_words(own: Iterable[str]) -> Iterator[str]:
    for text in own:
        plain = unicodedata.normalize("NFKC", text).casefold()
        found = [plain, *plain.split("@"), *_PARTS.findall(plain)]
        yield from (word for word in found if len(word) >= _SHORTEST)


@cache
def _common() -> frozenset[str]:
    text = (files(__package__) / "common_words.txt").read_text("utf-8")
    return frozenset(line for line in text.split() if not line.startswith("#"))
