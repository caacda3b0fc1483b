"""The password policy, as data and as a check that gives every reason at once."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from identity.domain.guessable import is_guessable

MIN_LENGTH = 12
MAX_LENGTH = 128


@dataclass(frozen=True)
class Refusal:
    """One clause that a password breaks: a stable code and what to mend."""

    code: str
    detail: str


TOO_SHORT = Refusal("too-short", f"Use at least {MIN_LENGTH} characters.")
TOO_LONG = Refusal("too-long", f"Use at most {MAX_LENGTH} characters.")
HAS_SPACE = Refusal("has-space", "Leave out spaces, tabs and line breaks.")
NEEDS_UPPER = Refusal("needs-upper", "Add a capital letter.")
NEEDS_LOWER = Refusal("needs-lower", "Add a small letter.")
NEEDS_DIGIT = Refusal("needs-digit", "Add a digit.")
NEEDS_SYMBOL = Refusal("needs-symbol", "Add a symbol or punctuation mark, such as ! or -.")
TOO_COMMON = Refusal("too-common", "Add what is neither a common word, a row of keys nor your address.")


def normalised(password: str) -> str:
    """NFKC (NIST SP 800-63B-4 §3.1.1.2): what is hashed, however it was composed."""
    return unicodedata.normalize("NFKC", password)


def refusals(password: str, own: Iterable[str] = ()) -> tuple[Refusal, ...]:
    """Every clause that the password breaks; none when it is accepted. Length is in code points.

    `own` are texts that belong to the person, such as the address.

    The clauses are about what was typed, composed (NFC): NFKC makes a space of U+00B4, three dots of U+2026
    and a digit of U+00B2.
    """
    text = unicodedata.normalize("NFC", password)
    kinds = {unicodedata.category(character) for character in text}
    broken = {
        TOO_SHORT: len(text) < MIN_LENGTH,
        TOO_LONG: len(text) > MAX_LENGTH,
        HAS_SPACE: any(character.isspace() for character in text),
        NEEDS_UPPER: not kinds & {"Lu", "Lt"},
        NEEDS_LOWER: "Ll" not in kinds,
        NEEDS_DIGIT: "Nd" not in kinds,
        NEEDS_SYMBOL: not any(kind[0] in "PS" for kind in kinds),
        TOO_COMMON: MIN_LENGTH <= len(text) <= MAX_LENGTH and is_guessable(text, own),
    }
    return tuple(refusal for refusal, is_broken in broken.items() if is_broken)
