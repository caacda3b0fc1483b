"""The password policies, as data and as a check that gives every reason at once."""

import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

from identity.domain.guessable import is_guessable

# What to mend, by the reason's code; `Policy` fills in the lengths.
DETAILS = {
    "too-short": "Use at least {min_length} characters.",
    "too-long": "Use at most {max_length} characters.",
    "has-space": "Leave out spaces, tabs and line breaks.",
    "needs-upper": "Add a capital letter.",
    "needs-lower": "Add a small letter.",
    "needs-digit": "Add a digit.",
    "needs-symbol": "Add a symbol or punctuation mark, such as ! or -.",
    "too-common": "Add what is neither a common word, a row of keys nor your address.",
}


@dataclass(frozen=True)
class Refusal:
    """One clause that a password breaks: a stable code and what to mend."""

    code: str
    detail: str


TOO_COMMON = Refusal("too-common", DETAILS["too-common"])  # for whoever knows the own words late


@dataclass(frozen=True)
class Policy:
    """What a password must be. Lengths are in code points after NFC.

    `requires` names kinds of characters (upper, lower, digit, symbol), `refuses` what must not be in it
    (space) or be all of it (common, own-address).
    """

    profile: str
    min_length: int
    max_length: int
    requires: tuple[str, ...]
    refuses: tuple[str, ...]

    def refusals(self, password: str, own: Iterable[str] = ()) -> tuple[Refusal, ...]:
        """Every clause that the password breaks; none when it is accepted.

        `own` are texts that belong to the person, such as the address.

        The clauses are about what was typed, composed (NFC): NFKC makes a space of U+00B4, three dots of
        U+2026 and a digit of U+00B2.
        """
        text = unicodedata.normalize("NFC", password)
        kinds = {unicodedata.category(character) for character in text}
        has = {
            "upper": bool(kinds & {"Lu", "Lt"}),
            "lower": "Ll" in kinds,
            "digit": "Nd" in kinds,
            "symbol": any(kind[0] in "PS" for kind in kinds),
        }
        broken = {
            "too-short": len(text) < self.min_length,
            "too-long": len(text) > self.max_length,
            "has-space": "space" in self.refuses and any(character.isspace() for character in text),
            **{f"needs-{kind}": not has[kind] for kind in self.requires},
            "too-common": self.min_length <= len(text) <= self.max_length and is_guessable(text, own),
        }
        return tuple(
            Refusal(code, DETAILS[code].format(**asdict(self)))
            for code, is_broken in broken.items()
            if is_broken
        )


Profile = Literal["portal", "nist"]
_GUESSED = ("common", "own-address")
PORTAL = Policy("portal", 12, 128, ("upper", "lower", "digit", "symbol"), ("space", *_GUESSED))
NIST = Policy("nist", 15, 128, (), _GUESSED)  # SP 800-63B-4 §3.1.1.2, a password as the only factor
POLICIES: dict[Profile, Policy] = {"portal": PORTAL, "nist": NIST}


def normalised(password: str) -> str:
    """NFKC (NIST SP 800-63B-4 §3.1.1.2): what is hashed, however it was composed."""
    return unicodedata.normalize("NFKC", password)
