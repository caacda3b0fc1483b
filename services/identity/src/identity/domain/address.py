"""Mail addresses: what is accepted, and when two are the same."""

import unicodedata
from dataclasses import dataclass, field

from email_validator import EmailNotValidError, validate_email

MAX_LENGTH = 254  # octets of a path without its angle brackets (RFC 5321 §4.5.3.1.3)
MAX_LOCAL_LENGTH = 64  # octets (RFC 5321 §4.5.3.1.1)
_SCHEME = "mailto:"
# What an input method for East Asian text writes for "!" to "~" (Unicode's fullwidth forms), and the small @.
_WIDE = {0xFF01 + place: 0x21 + place for place in range(94)} | {0xFE6B: "@"}


class AddressRefusedError(ValueError):
    """The text is not one deliverable mail address. Its message never repeats the text."""


@dataclass(frozen=True)
class Address:
    """`stored` is what mail is sent to (local part as typed, NFC; domain in ASCII), `key` its identity."""

    stored: str = field(repr=False)
    key: str = field(repr=False)


def _folded(local: str) -> str:
    """Without case, letter by letter (Unicode simple folding), in NFC.

    Full folding makes several letters of one, and so one account of two mailboxes: "straße" is not "strasse".
    """
    letters = unicodedata.normalize("NFC", local)
    return unicodedata.normalize("NFC", "".join(map(_folded_letter, letters)))


def _folded_letter(letter: str) -> str:
    return next((folded for folded in (letter.casefold(), letter.lower()) if len(folded) == 1), letter)


def _without_wrapping(text: str) -> str:
    """Without what a copied address brings along: white space, invisible marks, `<…>`, `mailto:`."""
    typed = _trimmed(text.translate(_WIDE))
    for _ in range(2):  # either may hold the other
        if typed.startswith("<") and typed.endswith(">"):
            typed = _trimmed(typed[1:-1])
        if typed.casefold().startswith(_SCHEME):
            typed = _trimmed(typed[len(_SCHEME) :])
    return typed


def _trimmed(text: str) -> str:
    kept = [place for place, letter in enumerate(text) if not _is_blank(letter)]
    return text[kept[0] : kept[-1] + 1] if kept else ""


def _is_blank(letter: str) -> bool:
    return letter.isspace() or unicodedata.category(letter) == "Cf"


def parse_address(text: str) -> Address:
    """One plain address: no display name, no list, no control character, a domain with a dot.

    What is accepted can be mailed: the notifier's `can_be_mailed` says so too, held by a test. Raises
    `AddressRefusedError`.
    """
    typed = _without_wrapping(text)
    if len(typed) > MAX_LENGTH:
        raise AddressRefusedError("longer than 254 characters")
    try:
        # `.test` is fine here (it reaches nobody), a bare host name is not.
        found = validate_email(typed, check_deliverability=False, strict=True, test_environment=True)
    except EmailNotValidError as error:
        raise AddressRefusedError("not a mail address") from error
    local, domain = unicodedata.normalize("NFC", found.local_part), found.ascii_domain.lower()
    stored = f"{local}@{domain}"
    if "." not in domain or len(local.encode()) > MAX_LOCAL_LENGTH or len(stored.encode()) > MAX_LENGTH:
        raise AddressRefusedError("not a deliverable mail address")
    return Address(stored=stored, key=f"{_folded(local)}@{domain}")


def shown(stored: str) -> str:
    """A stored address as people write it: its domain in letters instead of `xn--…`."""
    try:
        return validate_email(stored, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        return stored
