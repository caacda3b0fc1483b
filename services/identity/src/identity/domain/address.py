"""Mail addresses: what is accepted, and when two are the same."""

import unicodedata
from dataclasses import dataclass, field

from email_validator import EmailNotValidError, validate_email

MAX_LENGTH = 254  # octets of a path without its angle brackets (RFC 5321 §4.5.3.1.3)


class AddressRefusedError(ValueError):
    """The text is not one deliverable mail address. Its message never repeats the text."""


@dataclass(frozen=True)
class Address:
    """`stored` is what mail is sent to (local part as typed, NFC; domain in ASCII), `key` its identity."""

    stored: str = field(repr=False)
    key: str = field(repr=False)


def _folded(local: str) -> str:
    """Canonical caseless form (Unicode §3.13, D145), in NFC."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", local).casefold())


def parse_address(text: str) -> Address:
    """One plain address: no display name, no list, no control character, a domain with a dot.

    Raises `AddressRefusedError`.
    """
    typed = text.strip(" ")
    if len(typed) > MAX_LENGTH:
        raise AddressRefusedError("longer than 254 characters")
    try:
        # `.test` is fine here (it reaches nobody), a bare host name is not.
        found = validate_email(typed, check_deliverability=False, strict=True, test_environment=True)
    except EmailNotValidError as error:
        raise AddressRefusedError("not a mail address") from error
    domain = found.ascii_domain.lower()
    stored = f"{unicodedata.normalize('NFC', found.local_part)}@{domain}"
    if "." not in domain or len(stored.encode()) > MAX_LENGTH:
        raise AddressRefusedError("not a deliverable mail address")
    return Address(stored=stored, key=f"{_folded(found.local_part)}@{domain}")
