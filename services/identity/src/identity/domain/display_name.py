"""Display names: how a person wants to be called; what could confuse a page, a log or a file is refused."""

import unicodedata

MAX_LENGTH = 100  # code points in NFC
# Controls, surrogates, private and unassigned ones, ends of lines and paragraphs; `Cf` has the marks that
# turn the direction of text (Unicode UAX #9), tags, and what cannot be seen.
_REFUSED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_JOINERS = frozenset("\u200c\u200d")  # Persian and Indian names are spelt with them


class NameRefusedError(ValueError):
    """The text is no name. Its message never repeats the text."""


def parse_name(text: str) -> str | None:
    """The name in NFC, one space between its words; None when nothing is there. Raises `NameRefusedError`."""
    if any(unicodedata.category(letter) in _REFUSED for letter in text if letter not in _JOINERS):
        raise NameRefusedError("a control or an invisible character")
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if len(name) > MAX_LENGTH:
        raise NameRefusedError("longer than 100 characters")
    if name and not any(map(str.isalpha, name)):
        raise NameRefusedError("without a letter")
    return name or None
